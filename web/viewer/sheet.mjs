/**
 * The sheet: cells under and beside labels that stay in sight, a block for each page.
 *
 * @module sheet
 */

import { COLUMNS, PAGES, ROWS } from "./arrangement.mjs";
import { breakable, focusedIn, make } from "./elements.mjs";
import { STAR } from "./marks.mjs";
import { Pictures } from "./pictures.mjs";

/** @typedef {import("./arrangement.mjs").Arrangement} Arrangement */
/** @typedef {import("./marks.mjs").Marks} Marks */
/** @typedef {import("./sweep.mjs").Cell} Cell */
/** @typedef {import("./sweep.mjs").Place} Place */
/** @typedef {import("./words.mjs").Words} Words */

/** The keys that walk on the sheet and from cell to cell: part and direction. */
export const STEPS = {
  ArrowLeft: [COLUMNS, -1],
  ArrowRight: [COLUMNS, 1],
  ArrowUp: [ROWS, -1],
  ArrowDown: [ROWS, 1],
  PageUp: [PAGES, -1],
  PageDown: [PAGES, 1],
};

/** Draws an arrangement; call `draw` when it has changed. */
export class SheetView {
  /**
   * @param {Arrangement} arrangement
   * @param {Marks} marks
   * @param {Words} words
   * @param {(place: Place) => void} onOpen called for the cell that is to be shown large
   */
  constructor(arrangement, marks, words, onOpen) {
    this._arrangement = arrangement;
    this._marks = marks;
    this._words = words;
    this._onOpen = onOpen;
    this.element = make("main.sheet", {
      click: (/** @type {MouseEvent} */ event) => this._click(event),
      keydown: (/** @type {KeyboardEvent} */ event) => this._walk(event),
    });
    this._pictures = new Pictures(this.element);
    /** @type {Map<string, HTMLElement>} */
    this._cells = new Map();
    /** The cell that the keys are about. @type {Place | undefined} */
    this.active = undefined;
  }

  /** Draw the sheet anew. */
  draw() {
    const { places } = this._arrangement;
    this._pictures.clear();
    this._cells.clear();
    const pages = this._arrangement.shown(PAGES).map((page) => this._page(page));
    this.element.replaceChildren(...pages, this._notes());
    const isShown = this.active && this._cells.has(String(this.active));
    this._setActive(isShown ? this.active : places[0]);
    this._keepLabelsClear();
    this._setAspect();
  }

  /** Show what has become of a cell. @param {Place} place */
  showCell(place) {
    const before = this._cells.get(String(place));
    if (!before) return;
    for (const image of before.querySelectorAll("img")) this._pictures.remove(image);
    const isFocused = focusedIn(this.element) === before;
    const element = this._cell(place);
    element.tabIndex = before.tabIndex;
    before.replaceWith(element);
    if (isFocused) element.focus({ preventScroll: true });
    this._setAspect();
  }

  /** Tell that cells are shown larger or smaller. */
  resized() {
    this._pictures.moved();
    this._keepLabelsClear();
  }

  /** Show how a cell is marked now. @param {Place} place */
  showMark(place) {
    const element = this._cells.get(String(place));
    if (!element) return;
    const mark = this._marks.of(place);
    const { status } = this._arrangement.sweep.cellAt(place);
    const state = status === "failed" || status === "missing" ? this._words[status] : undefined;
    const parts = [
      this._arrangement.sweep.caption(place),
      state,
      mark && this._words[mark === STAR ? "starred" : "rejected"],
    ];
    element.setAttribute("aria-label", parts.filter(Boolean).join(", "));
    if (mark) element.dataset.mark = mark;
    else delete element.dataset.mark;
  }

  /** Bring a cell into sight and give it the keys. @param {Place} place */
  focus(place) {
    this._setActive(place);
    this._cells.get(String(place))?.focus();
  }

  /** @param {number} page */
  _page(page) {
    const axes = [COLUMNS, ROWS, PAGES].map((part) => this._arrangement.axis(part));
    const columns = this._arrangement.shown(COLUMNS);
    const rows = this._arrangement.shown(ROWS);
    const heading = axes[PAGES].name && `${axes[PAGES].name} ${axes[PAGES].labels[page]}`;
    const grid = make(
      "div.grid",
      {
        role: "grid",
        "aria-label": heading || this._words.sheet,
        "aria-colcount": columns.length + 1,
        "aria-rowcount": rows.length + 1,
      },
      make(
        "div.row",
        { role: "row" },
        this._corner(axes[COLUMNS].name, axes[ROWS].name),
        ...columns.map((column) => label("columnheader", axes[COLUMNS].labels[column])),
      ),
      ...rows.map((row) =>
        make(
          "div.row",
          { role: "row" },
          label("rowheader", axes[ROWS].labels[row]),
          ...columns.map((column) => this._cell(this._arrangement.placeOf(column, row, page))),
        ),
      ),
    );
    grid.style.setProperty("--columns", String(columns.length));
    return make("section", {}, ...(heading ? [make("h2", {}, heading)] : []), grid);
  }

  /** @param {string} columns @param {string} rows */
  _corner(columns, rows) {
    const names = [columns && `${columns} →`, rows && `${rows} ↓`].filter(Boolean);
    const lines = names.map((name) => make("span", {}, ...breakable(name)));
    return make("div.corner", { role: "columnheader" }, ...lines);
  }

  /** @param {Place} place */
  _cell(place) {
    const cell = this._arrangement.sweep.cellAt(place);
    const frame = make(`div.frame.${cell.pictures.length ? "pictures" : "empty"}`);
    const columns = Math.ceil(Math.sqrt(cell.pictures.length));
    frame.style.setProperty("--batch", String(columns));
    const { width } = this._arrangement.sweep.largest;
    for (const picture of cell.pictures) {
      const image = this._pictures.add(picture);
      image.style.width = `${(100 * picture.width) / width}%`;
      frame.append(image);
    }
    if (!cell.pictures.length) {
      const said = cell.status === "failed" ? this._words.failed : this._words.missing;
      frame.classList.add(cell.status === "failed" ? "failed" : "missing");
      frame.append(make("strong", {}, said), make("span", {}, cell.reason));
    }
    const element = make(
      "div.cell",
      { role: "gridcell", tabindex: -1, "data-place": String(place) },
      frame,
    );
    const title = cell.pictures.length ? cell.warning : cell.reason;
    if (title) element.title = title;
    this._cells.set(String(place), element);
    this.showMark(place);
    return element;
  }

  _notes() {
    const { notes } = this._arrangement.sweep;
    return make("footer", {}, ...notes.map((note) => make("p", {}, note)));
  }

  _setAspect() {
    const { width, height } = this._arrangement.sweep.largest;
    this.element.style.setProperty("--aspect", `${width} / ${height}`);
  }

  /** What is scrolled into sight does not stop behind the labels. */
  _keepLabelsClear() {
    const corner = this.element.querySelector(".corner")?.getBoundingClientRect();
    const heading = this.element.querySelector("h2")?.getBoundingClientRect();
    const top = (corner?.height ?? 0) + (heading?.height ?? 0);
    this.element.style.scrollPadding = `${top}px 8px 8px ${corner?.width ?? 0}px`;
  }

  /** @param {Place | undefined} place */
  _setActive(place) {
    this._cells.get(String(this.active))?.setAttribute("tabindex", "-1");
    this._cells.get(String(place))?.setAttribute("tabindex", "0");
    this.active = place;
  }

  /** @param {MouseEvent} event */
  _click(event) {
    const element = /** @type {HTMLElement} */ (event.target).closest(".cell");
    if (!(element instanceof HTMLElement)) return;
    /** @type {Place} */
    const place = placeFrom(element);
    this._setActive(place);
    this._onOpen(place);
  }

  /** @param {KeyboardEvent} event */
  _walk(event) {
    const isCell = /** @type {HTMLElement} */ (event.target).matches(".cell");
    if (!this.active || !isCell || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this._onOpen(this.active);
    } else if (event.key in STEPS) {
      event.preventDefault();
      const [part, direction] = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
      const next = this._arrangement.step(this.active, part, direction);
      if (next) this.focus(next);
    }
  }
}

/** @param {string} role @param {string} text */
function label(role, text) {
  return make(`div.${role}`, { role, title: text }, make("span", {}, ...breakable(text)));
}

/** @param {HTMLElement} element @returns {any} */
function placeFrom(element) {
  return String(element.dataset.place).split(",").map(Number);
}
