/**
 * One cell in full size with its recipe, or two compared.
 *
 * @module detail
 */

import { COLUMNS, PAGES, ROWS } from "./arrangement.mjs";
import { makeCompare } from "./compare.mjs";
import { breakable, focusedIn, make, makeButton, setPressed } from "./elements.mjs";
import { REJECT, STAR } from "./marks.mjs";
import { differenceTable, recipeTables } from "./recipe.mjs";
import { STEPS } from "./sheet.mjs";

/** @typedef {import("./arrangement.mjs").Arrangement} Arrangement */
/** @typedef {import("./marks.mjs").Marks} Marks */
/** @typedef {import("./sweep.mjs").Place} Place */
/** @typedef {import("./words.mjs").Words} Words */

/**
 * @typedef {object} Actions what the viewer does for a cell
 * @property {(place: Place, mark: string) => void} mark
 * @property {(place: Place, picture: number) => void} copy
 * @property {() => void} compare starts or stops to compare with the cell that is shown
 * @property {(place: Place) => void} closed
 * @property {(place: Place) => Node[]} tools what else there is to do
 */

/** The dialog; `pinned` is the cell that others are compared with. */
export class Detail {
  /**
   * @param {Arrangement} arrangement
   * @param {Marks} marks
   * @param {Words} words
   * @param {Actions} actions
   */
  constructor(arrangement, marks, words, actions) {
    this._arrangement = arrangement;
    this._marks = marks;
    this._words = words;
    this._actions = actions;
    /** @type {Place} */
    this.place = [0, 0, 0];
    /** @type {Place | undefined} */
    this._previous = undefined;
    /** @type {Place | undefined} */
    this.pinned = undefined;
    this.batch = 0;
    this._isFull = false;
    /** Where the left one of two compared pictures ends, 0 to 1. */
    this._share = 0.5;
    this._spoken = make("div.spoken", { "aria-live": "polite" });
    this._stage = make("div.stage");
    this._panel = make("aside");
    this.element = make(
      "dialog.detail",
      {
        tabindex: -1,
        keydown: (/** @type {KeyboardEvent} */ event) => this._key(event),
        close: () => actions.closed(this.place),
      },
      this._stage,
      this._panel,
      this._spoken,
    );
  }

  get isOpen() {
    return this.element.open;
  }

  /** Whether a cell is on it. @param {Place} place */
  isAbout(place) {
    return [this.place, this.pinned].some((shown) => String(shown) === String(place));
  }

  /** Show a cell. @param {Place} place */
  show(place) {
    this._previous = this.isOpen ? this.place : undefined;
    this.place = place;
    this.batch = 0;
    this.draw();
    this._spoken.textContent = this._caption(place);
    if (this.isOpen) return;
    this.element.showModal();
    this.element.focus(); // rather than the first button, which would look chosen
  }

  close() {
    this.element.close();
  }

  /** Show the cell as it is now. */
  draw() {
    const focused = focusedIn(this.element)?.getAttribute("data-name");
    const isUnfolded = this._panel.querySelector("details")?.open;
    this.element.setAttribute("aria-label", this._caption(this.place));
    this._stage.replaceChildren(...this._shown(), ...this._arrows());
    this._stage.classList.toggle("full", this._isFull && !this._isComparing);
    this._panel.replaceChildren(...this._told());
    if (isUnfolded) this._panel.querySelector("details")?.setAttribute("open", "");
    // The elements are new ones; who was on one of them stays on its successor.
    const successor = focused && this.element.querySelector(`[data-name="${focused}"]`);
    if (successor instanceof HTMLElement) successor.focus();
  }

  get _isComparing() {
    return this.pinned !== undefined && String(this.pinned) !== String(this.place);
  }

  /** @param {Place} place */
  _caption(place) {
    return this._arrangement.sweep.caption(place);
  }

  _shown() {
    const { sweep } = this._arrangement;
    const cell = sweep.cellAt(this.place);
    const picture = cell.pictures[this.batch];
    if (this.pinned && this._isComparing) {
      const other = sweep.cellAt(this.pinned).pictures;
      return [
        makeCompare(
          other[this.batch] ?? other[0],
          picture,
          [this._compared(this.pinned, this.place), this._compared(this.place, this.pinned)],
          this._words.slider,
          this._share,
          (share) => (this._share = share),
        ),
      ];
    }
    if (!picture) {
      const said = make("strong", {}, this._standing(cell));
      return [make("div.reason", {}, said, make("p", {}, cell.reason))];
    }
    const { width, height, address } = picture;
    const alt = this._caption(this.place);
    /** @type {HTMLImageElement | null} */
    const shown = this._stage.querySelector(":scope > img");
    if (shown?.getAttribute("src") === address) {
      shown.alt = alt;
      return [shown]; // a new one would flicker
    }
    const image = make("img", {
      src: address,
      width,
      height,
      alt,
      click: () => this._toggleFull(),
    });
    return [image];
  }

  /** What is said of one of two cells. @param {Place} place @param {Place} other */
  _compared(place, other) {
    const { sweep } = this._arrangement;
    const cell = sweep.cellAt(place);
    const standing = cell.pictures.length ? [] : [this._standing(cell), cell.reason];
    return [sweep.difference(place, other), ...standing].filter(Boolean).join(" · ");
  }

  /** Why there is no picture. @param {import("./sweep.mjs").Cell} cell */
  _standing({ status }) {
    return status === "failed" ? this._words.failed : this._words.missing;
  }

  _arrows() {
    const signs = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
    const pages = { PageUp: "⇤", PageDown: "⇥" };
    const buttons = Object.entries({ ...signs, ...pages }).flatMap(([key, sign]) => {
      const [part, direction] = STEPS[/** @type {keyof typeof STEPS} */ (key)];
      const axis = this._arrangement.axis(part);
      if (axis.labels.length < 2) return [];
      const next = this._arrangement.step(this.place, part, direction);
      const value = next && axis.labels[next[this._arrangement.order[part]]];
      const title = `${direction > 0 ? this._words.next : this._words.previous}: ${axis.name}`;
      const button = makeButton(
        sign,
        value ? `${title} ${value}` : title,
        () => next && this.show(next),
      );
      button.disabled = !next;
      button.dataset.name = key;
      return [button];
    });
    return buttons.length ? [make("nav", {}, ...buttons)] : [];
  }

  _told() {
    const { sweep } = this._arrangement;
    const cell = sweep.cellAt(this.place);
    const caption = [COLUMNS, ROWS, PAGES].flatMap((part) => {
      const { name, labels } = this._arrangement.axis(part);
      const value = labels[this.place[this._arrangement.order[part]]];
      return name
        ? [make("span", {}, make("b", {}, ...breakable(name)), " ", ...breakable(value))]
        : [];
    });
    const tables =
      this.pinned && this._isComparing
        ? [differenceTable(sweep, this.pinned, this.place)]
        : recipeTables(sweep, this.place, this._previous, this._words);
    const hint =
      this.pinned && !this._isComparing ? [make("p.hint", {}, this._words.compareHint)] : [];
    const warning = cell.warning ? [make("p.warning", {}, cell.warning)] : [];
    return [
      make(
        "header",
        {},
        make("h2", {}, ...caption),
        this._named(
          "close",
          makeButton("✕", this._words.close, () => this.close()),
        ),
      ),
      this._buttons(),
      ...this._tools(),
      ...hint,
      ...warning,
      ...this._batchButtons(cell.pictures.length),
      ...tables,
    ];
  }

  _buttons() {
    const { star, reject, compare, stopComparing, copyRecipe, openFile, fullSize } = this._words;
    const mark = this._marks.of(this.place);
    const starButton = makeButton("★", star, () => this._actions.mark(this.place, STAR));
    const rejectButton = makeButton("⊘", reject, () => this._actions.mark(this.place, REJECT));
    const fullButton = makeButton("1:1", fullSize, () => this._toggleFull());
    const compareButton = makeButton(
      "⇆",
      this.pinned ? stopComparing : compare,
      this._actions.compare,
    );
    setPressed(starButton, mark === STAR);
    setPressed(rejectButton, mark === REJECT);
    setPressed(fullButton, this._isFull);
    setPressed(compareButton, this.pinned !== undefined);
    const copy = makeButton(copyRecipe, copyRecipe, () =>
      this._actions.copy(this.place, this.batch),
    );
    const picture = this._arrangement.sweep.cellAt(this.place).pictures[this.batch];
    const link = make(
      "a.button",
      { href: picture?.address, target: "_blank", rel: "noopener" },
      openFile,
    );
    return make(
      "div.buttons",
      { role: "toolbar" },
      this._named("star", starButton),
      this._named("reject", rejectButton),
      this._named("compare", compareButton),
      this._named("full", fullButton),
      this._named("copy", copy),
      ...(picture ? [this._named("open", link)] : []),
    );
  }

  _tools() {
    const tools = this._actions.tools(this.place);
    return tools.length ? [make("div.buttons", {}, ...tools)] : [];
  }

  /** @param {number} count */
  _batchButtons(count) {
    if (count < 2) return [];
    const numbers = Array.from({ length: count }, (_, i) => {
      const button = makeButton(String(i + 1), `${this._words.batch} ${i + 1}`, () =>
        this._show(i),
      );
      setPressed(button, i === this.batch);
      return this._named(`batch${i}`, button);
    });
    return [make("div.buttons", {}, ...numbers)];
  }

  /** @param {number} picture */
  _show(picture) {
    const count = this._arrangement.sweep.cellAt(this.place).pictures.length;
    this.batch = Math.min(Math.max(picture, 0), Math.max(count - 1, 0));
    this.draw();
  }

  _toggleFull() {
    this._isFull = !this._isFull;
    this.draw();
  }

  /** @param {string} name @param {HTMLElement} element */
  _named(name, element) {
    element.dataset.name = name;
    return element;
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (event.key in STEPS) {
      event.preventDefault();
      const [part, direction] = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
      const next = this._arrangement.step(this.place, part, direction);
      if (next) this.show(next);
    } else if (key === "f") this._toggleFull();
    else if (key === ",") this._show(this.batch - 1);
    else if (key === ".") this._show(this.batch + 1);
  }
}
