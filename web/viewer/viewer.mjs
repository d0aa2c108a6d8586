/**
 * The viewer of a sweep: toolbar, sheet, and the dialog for one cell.
 *
 * @module viewer
 */

import { Arrangement, COLUMNS } from "./arrangement.mjs";
import { makeAxesPanel } from "./axes_panel.mjs";
import { copyText } from "./clipboard.mjs";
import { Detail } from "./detail.mjs";
import { make, makeButton } from "./elements.mjs";
import { Marks, REJECT, STAR } from "./marks.mjs";
import { PanZoom } from "./pan_zoom.mjs";
import { recipeText } from "./recipe.mjs";
import { SheetView } from "./sheet.mjs";
import { ownPage } from "./surroundings.mjs";
import { Sweep } from "./sweep.mjs";
import { wordsIn } from "./words.mjs";

/** @typedef {import("./sweep.mjs").Place} Place */

const OPEN_MENU = ".menu[open]";

/** Pixels of a cell's width: where there is room, small pictures are enlarged so far. */
const LARGE_ENOUGH = 240;

/** Pixels of a cell's width: at first, cells are no smaller. */
const SMALL_ENOUGH = 84;

/** Milliseconds that a message stays, and for each of its letters. */
const MESSAGE_TIME = 2500;
const LETTER_TIME = 40;

/** One viewer in an element of a page. */
export class Viewer {
  /**
   * @param {HTMLElement} root an empty element, which the viewer fills
   * @param {any} data as `periplus/viewer/viewer_data.py` gives it
   * @param {import("./surroundings.mjs").Surroundings} surroundings
   */
  constructor(root, data, surroundings = ownPage()) {
    this._root = root;
    this._surroundings = surroundings;
    this._words = wordsIn(surroundings.language);
    this._sweep = new Sweep(data, surroundings);
    this._arrangement = new Arrangement(this._sweep);
    this._marks = new Marks(this._sweep.id);
    this._sheet = new SheetView(this._arrangement, this._marks, this._words, (place) =>
      this.open(place),
    );
    this._detail = new Detail(this._arrangement, this._marks, this._words, {
      mark: (place, mark) => this._mark(place, mark),
      copy: (place, picture) => this._copyRecipe(place, picture),
      compare: () => this._compare(),
      closed: (place) => this._sheet.focus(place),
      tools: surroundings.cellTools,
    });
    this._panZoom = new PanZoom(this._sheet.element, () => this._sheet.resized());
    this._message = make("div.message", { role: "status" });
    this._timer = 0;
    root.classList.add("periplus");
    root.lang = surroundings.language;
    root.dataset.theme = surroundings.theme;
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
      ...this._themeButton(),
      makeButton("?", words.help, () => this._help.showModal()),
      ...this._surroundings.tools(),
      this._help,
    );
  }

  /** The sheet's file, or where it has several pages, a menu of them. */
  _sheetLinks() {
    const { sheets } = this._sweep;
    const { openSheet } = this._words;
    const links = sheets.map((file, i) => {
      const name = sheets.length > 1 ? `${openSheet} ${i + 1}` : openSheet;
      const href = this._surroundings.addressOf(file);
      return make("a.button", { href, target: "_blank", rel: "noopener" }, name);
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

  _themeButton() {
    const { keepTheme } = this._surroundings;
    if (!keepTheme) return [];
    const change = () => {
      const theme = this._root.dataset.theme === "dark" ? "light" : "dark";
      this._root.dataset.theme = theme;
      keepTheme(theme);
    };
    return [makeButton("◐", this._words.theme, change)];
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

  /** Show a cell large. @param {Place} place */
  open(place) {
    this._detail.show(place);
  }

  /**
   * Show what has become of a cell, and leave all else as it is.
   *
   * @param {any} entry see `Sweep.setCell`
   */
  setCell(entry) {
    const place = this._sweep.setCell(entry);
    if (!place) return; // nothing new
    this._sheet.showCell(place);
    if (this._detail.isOpen && this._detail.isAbout(place)) this._detail.draw();
  }

  /** Take the keys. */
  focus() {
    if (this._detail.isOpen) this._detail.element.focus();
    else if (this._sheet.active) this._sheet.focus(this._sheet.active);
  }

  /** The cells with this mark. @param {string} mark @returns {Place[]} */
  marked(mark) {
    return this._sweep.places.filter((place) => this._marks.of(place) === mark);
  }

  /** The sweep that is shown. */
  get sweep() {
    return this._sweep;
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
    const lines = this.marked(STAR).map((place) => {
      const files = this._sweep.cellAt(place).pictures.map(({ file }) => file);
      return [this._sweep.caption(place), ...files].join("\t");
    });
    this._copy(lines.join("\n"));
  }

  /** @param {Place} place @param {number} number of the picture in its batch */
  async _copyRecipe(place, number) {
    const cell = this._sweep.cellAt(place);
    const picture = cell.pictures[number];
    const infotext = picture ? await this._surroundings.infotextOf(picture) : "";
    await this._copy(recipeText(cell, infotext));
  }

  /** @param {string} text */
  async _copy(text) {
    const isCopied = await copyText(text);
    this.say(isCopied ? this._words.copied : this._words.notCopied);
  }

  /** Show a message for a while. @param {string} text */
  say(text) {
    this._message.textContent = text;
    // A modal dialog covers the rest of the page.
    (this._detail.isOpen ? this._detail.element : this._root).append(this._message);
    clearTimeout(this._timer);
    const time = MESSAGE_TIME + LETTER_TIME * text.length;
    this._timer = setTimeout(() => (this._message.textContent = ""), time);
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
      r: () => this._copyRecipe(place, isOpen ? this._detail.batch : 0),
      c: () => (isOpen ? this._compare() : this._pin(place)),
    };
    const ofSheet = {
      "+": () => this._panZoom.zoom(1),
      "=": () => this._panZoom.zoom(1),
      "-": () => this._panZoom.zoom(-1),
      0: () => this._fit(),
      "?": () => this._help.showModal(),
    };
    const ofMenu = this._root.querySelector(OPEN_MENU) && { escape: () => this._closeMenus() };
    return { ...ofCell, ...(isOpen ? {} : { ...ofSheet, ...ofMenu }) };
  }

  _closeMenus() {
    for (const menu of this._root.querySelectorAll(OPEN_MENU)) menu.removeAttribute("open");
  }
}
