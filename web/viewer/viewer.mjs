/**
 * The viewer of a sweep: toolbar, sheet, and the dialog for one cell.
 *
 * @module viewer
 */

import { Arrangement, COLUMNS } from "./arrangement.mjs";
import { makeAxesPanel } from "./axes_panel.mjs";
import { copyText } from "./clipboard.mjs";
import { Detail } from "./detail.mjs";
import { addressOf, make, makeButton } from "./elements.mjs";
import { Marks, REJECT, STAR, keep, recall } from "./marks.mjs";
import { PanZoom } from "./pan_zoom.mjs";
import { recipeText } from "./recipe.mjs";
import { SheetView } from "./sheet.mjs";
import { Sweep } from "./sweep.mjs";
import { languageOf, wordsIn } from "./words.mjs";

/** @typedef {import("./sweep.mjs").Place} Place */

const THEME = "periplus.theme";

/** Pixels of a cell's width: where there is room, small pictures are enlarged so far. */
const LARGE_ENOUGH = 240;

/** Pixels of a cell's width: at first, cells are no smaller. */
const SMALL_ENOUGH = 84;

/** Milliseconds that a message stays. */
const MESSAGE_TIME = 2500;

/** One viewer in an element of a page. */
export class Viewer {
  /**
   * @param {HTMLElement} root an empty element, which the viewer fills
   * @param {any} data as `periplus/viewer/saved_sweep.py` writes it
   */
  constructor(root, data) {
    const language = languageOf(navigator.languages);
    this._root = root;
    this._words = wordsIn(language);
    this._sweep = new Sweep(data);
    this._arrangement = new Arrangement(this._sweep);
    this._marks = new Marks(this._sweep.id);
    this._sheet = new SheetView(this._arrangement, this._marks, this._words, (place) =>
      this._open(place),
    );
    this._detail = new Detail(this._arrangement, this._marks, this._words, {
      mark: (place, mark) => this._mark(place, mark),
      copy: (place, picture) => this._copy(recipeText(this._sweep.cellAt(place), picture)),
      compare: () => this._compare(),
      closed: (place) => this._sheet.focus(place),
    });
    this._panZoom = new PanZoom(this._sheet.element, () => this._sheet.resized());
    this._message = make("div.message", { role: "status" });
    this._timer = 0;
    root.classList.add("periplus");
    root.lang = language;
    root.dataset.theme =
      recall(THEME) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.append(this._toolbar(), this._sheet.element, this._detail.element, this._message);
    root.addEventListener("keydown", (event) => this._key(event));
    this._sheet.element.addEventListener("pointerdown", () => this._closeMenus());
    this._draw();
    this._fit(SMALL_ENOUGH);
    this._showMarks();
  }

  // -- the toolbar ------------------------------------------------------------------------------

  _toolbar() {
    const words = this._words;
    this._marked = make("span.marked");
    this._pinned = make("span.pinned");
    this._help = this._helpDialog();
    this._axesMenu = make(
      "details.menu",
      {},
      make("summary.button", {}, words.axes),
      makeAxesPanel(this._arrangement, words, () => this._draw()),
    );
    const show = make(
      "select",
      { "aria-label": words.show, change: () => (this._sheet.element.dataset.show = show.value) },
      make("option", { value: "all" }, words.showAll),
      make("option", { value: STAR }, words.showStarred),
      make("option", { value: "kept" }, words.showKept),
    );
    const copyList = makeButton(words.copyStarred, words.copyList, () => this._copyList());
    return make(
      "header.toolbar",
      {},
      make("h1", {}, this._sweep.title),
      this._axesMenu,
      make(
        "div.buttons",
        { role: "group" },
        makeButton("−", words.zoomOut, () => this._panZoom.zoom(-1)),
        makeButton(words.fit, words.fitLong, () => this._fit()),
        makeButton("+", words.zoomIn, () => this._panZoom.zoom(1)),
      ),
      make("div.buttons.later", { role: "group" }, show, this._marked, copyList),
      this._pinned,
      make("span.space"),
      this._sheetLinks(),
      makeButton("◐", words.theme, () => this._changeTheme()),
      makeButton("?", words.help, () => this._help.showModal()),
      this._help,
    );
  }

  /** The sheet's file, or where it has several pages, a menu of them. */
  _sheetLinks() {
    const { sheets } = this._sweep;
    const { openSheet } = this._words;
    const links = sheets.map((file, i) => {
      const name = sheets.length > 1 ? `${openSheet} ${i + 1}` : openSheet;
      return make("a.button", { href: addressOf(file), target: "_blank", rel: "noopener" }, name);
    });
    if (links.length < 2) return make("span.later", {}, ...links);
    const menu = make("div.panel.buttons", {}, ...links);
    return make("details.menu.later", {}, make("summary.button", {}, openSheet), menu);
  }

  _helpDialog() {
    const words = this._words;
    const keys = [
      ["← → ↑ ↓", words.keyArrows],
      ["Page ↑, Page ↓", words.keyPages],
      ["Enter", words.keyEnter],
      ["+  −  0", words.keyZoom],
      ["S  X", words.keyStar],
      ["C", words.keyCompare],
      ["R", words.keyCopy],
      ["F", words.keyFull],
      [",  .", words.keyBatch],
      [words.mouse, words.keyPan],
    ];
    const rows = keys.flatMap(([key, text]) => [make("dt", {}, key), make("dd", {}, text)]);
    const dialog = make(
      "dialog.help",
      { "aria-label": words.help },
      make("dl", {}, ...rows),
      makeButton(words.close, words.close, () => dialog.close()),
    );
    return dialog;
  }

  _changeTheme() {
    const theme = this._root.dataset.theme === "dark" ? "light" : "dark";
    this._root.dataset.theme = theme;
    keep(THEME, theme);
  }

  // -- the sheet --------------------------------------------------------------------------------

  _draw() {
    this._sheet.draw();
    this._sheet.resized();
  }

  /** Show the whole width, with cells that are no smaller than this. @param {number} [least] */
  _fit(least = 0) {
    const most = Math.max(this._sweep.largest.width, LARGE_ENOUGH);
    this._panZoom.fit(this._arrangement.shown(COLUMNS).length, least, most);
  }

  /** @param {Place} place */
  _open(place) {
    this._detail.show(place);
  }

  // -- what can be done with a cell -------------------------------------------------------------

  /** @param {Place} place @param {string} mark */
  _mark(place, mark) {
    this._marks.toggle(place, mark);
    this._sheet.showMark(place);
    this._showMarks();
    if (this._detail.isOpen) this._detail.draw();
  }

  _showMarks() {
    this._marked.textContent = `★ ${this._marks.count(STAR)}  ⊘ ${this._marks.count(REJECT)}`;
  }

  _compare() {
    const { place } = this._detail;
    this._pin(this._detail.pinned ? undefined : place);
  }

  /** @param {Place | undefined} place */
  _pin(place) {
    this._detail.pinned = place;
    const chip = place && [
      make("span", {}, `${this._words.comparing}: ${this._sweep.caption(place)}`),
      makeButton("✕", this._words.stopComparing, () => this._pin(undefined)),
    ];
    this._pinned.replaceChildren(...(chip ?? []));
    if (this._detail.isOpen) this._detail.draw();
  }

  _copyList() {
    const cells = [...this._sweep.cells.values()];
    const starred = cells.filter(({ place }) => this._marks.of(place) === STAR);
    const lines = starred.map(({ place, pictures }) => {
      return [this._sweep.caption(place), ...pictures.map(({ file }) => file)].join("\t");
    });
    this._copy(lines.join("\n"));
  }

  /** @param {string} text */
  async _copy(text) {
    const isCopied = await copyText(text);
    this._message.textContent = isCopied ? this._words.copied : this._words.notCopied;
    // A modal dialog covers the rest of the page.
    (this._detail.isOpen ? this._detail.element : this._root).append(this._message);
    clearTimeout(this._timer);
    this._timer = setTimeout(() => (this._message.textContent = ""), MESSAGE_TIME);
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("select")) return;
    if (this._help.open) return;
    const action = this._actions()[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** What keys do now. @returns {Record<string, () => void>} */
  _actions() {
    const isOpen = this._detail.isOpen;
    const place = isOpen ? this._detail.place : this._sheet.active;
    const ofCell = place && {
      s: () => this._mark(place, STAR),
      x: () => this._mark(place, REJECT),
      r: () => this._copy(recipeText(this._sweep.cellAt(place), isOpen ? this._detail.batch : 0)),
      c: () => (isOpen ? this._compare() : this._pin(place)),
    };
    const ofSheet = {
      "+": () => this._panZoom.zoom(1),
      "=": () => this._panZoom.zoom(1),
      "-": () => this._panZoom.zoom(-1),
      0: () => this._fit(),
      "?": () => this._help.showModal(),
      escape: () => this._closeMenus(),
    };
    return { ...ofCell, ...(isOpen ? {} : ofSheet) };
  }

  _closeMenus() {
    for (const menu of this._root.querySelectorAll(".menu")) menu.removeAttribute("open");
  }
}
