/**
 * A list of any length, of which only the rows in sight are in the page.
 *
 * @module periplus/picker/row_list
 */

import { make } from "../elements.js";

/** So many rows above and below those in sight are there too. */
const SPARE = 4;
/** Rows to go for each key; a page is what is in sight. */
const STEPS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
const PAGES = { PageUp: -1, PageDown: 1 };

let made = 0;

/** @template R */
export class RowList {
  /**
   * @param {object} options
   * @param {string} options.role - Of the list.
   * @param {string} options.label - For screen readers.
   * @param {(row: R, index: number) => HTMLElement} options.render - Makes a row.
   * @param {(row: R) => string} options.look - Rows that look alike are not made again.
   */
  constructor({ role, label, render, look }) {
    this.render = render;
    this.look = look;
    this.id = `periplus-rows-${made++}`;
    /** @type {R[]} */
    this.rows = [];
    this.rowHeight = 28;
    this.active = 0;
    this.frame = 0;
    /** @type {Map<string, HTMLElement>} The rows in the page, by place and look. */
    this.drawn = new Map();
    this.body = make("div", "periplus-rows-body");
    this.element = make("div", "periplus-rows", [this.body]);
    this.element.tabIndex = 0;
    this.element.setAttribute("role", role);
    this.element.setAttribute("aria-label", label);
    this.body.setAttribute("role", "presentation");
    this.element.addEventListener("scroll", () => this.#drawSoon());
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    new ResizeObserver(() => this.#drawSoon()).observe(this.element);
  }

  /** @param {R[]} rows */
  set(rows) {
    this.rows = rows;
    this.active = this.#within(this.active);
    this.#draw();
  }

  /** @param {number} index - Of the row that keys act on; it is brought into sight. */
  activate(index) {
    this.active = this.#within(index);
    const top = this.active * this.rowHeight;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.rowHeight > scrollTop + clientHeight) {
      this.element.scrollTop = top + this.rowHeight - clientHeight;
    }
    this.#draw();
  }

  /**
   * @param {number} y - In the page.
   * @returns {number} The gap between rows that is nearest: 0 above the first.
   */
  gapAt(y) {
    const inside = y - this.element.getBoundingClientRect().top + this.element.scrollTop;
    return Math.min(Math.max(Math.round(inside / this.rowHeight), 0), this.rows.length);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target !== this.element || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.floor(this.element.clientHeight / this.rowHeight);
    const step = STEPS[event.key] ?? (PAGES[event.key] ?? 0) * page;
    if (step === 0) return;
    event.preventDefault();
    this.activate(this.active + step);
  }

  #drawSoon() {
    this.frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { rowHeight, rows } = this;
    const { scrollTop, clientHeight } = this.element;
    this.body.style.height = `${rows.length * rowHeight}px`;
    const first = Math.max(Math.floor(scrollTop / rowHeight) - SPARE, 0);
    const last = Math.min(Math.ceil((scrollTop + clientHeight) / rowHeight) + SPARE, rows.length);
    const before = this.drawn;
    this.drawn = new Map();
    for (let index = first; index < last; index++) {
      const key = `${index} ${rowHeight} ${this.look(rows[index])}`;
      const element = before.get(key) ?? this.#makeRow(index);
      element.classList.toggle("periplus-row-active", index === this.active);
      this.drawn.set(key, element);
      before.delete(key);
    }
    const hadFocus = this.element.contains(document.activeElement);
    for (const element of before.values()) element.remove();
    let next = this.body.firstChild; // who stays in place keeps the focus
    for (const element of this.drawn.values()) {
      if (element === next) next = next.nextSibling;
      else this.body.insertBefore(element, next);
    }
    if (hadFocus && !this.element.contains(document.activeElement)) this.element.focus();
    this.element.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
  }

  /**
   * @param {number} index
   * @returns {HTMLElement}
   */
  #makeRow(index) {
    const element = this.render(this.rows[index], index);
    element.id = `${this.id}-${index}`;
    element.style.top = `${index * this.rowHeight}px`;
    element.style.height = `${this.rowHeight}px`;
    return element;
  }

  /**
   * @param {number} index
   * @returns {number} The nearest row's.
   */
  #within(index) {
    return Math.max(Math.min(index, this.rows.length - 1), 0);
  }
}
