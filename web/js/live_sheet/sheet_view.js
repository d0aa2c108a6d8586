/**
 * The live sheet as an element of the page: a line, the pages, the sheet, and a caption.
 *
 * @module periplus/live_sheet/sheet_view
 */

import { button, make } from "../elements.js";
import { drawSheet, measure } from "./drawing.js";
import { cellAt, layOut } from "./sheet_layout.js";
import { cellLine, progressLine } from "./words.js";

/** @typedef {import("./pictures.js").Pictures} Pictures */
/** @typedef {import("./sweep_state.js").SweepState} SweepState */

/** A screen reader hears how far the sweep is at most so often. */
const SPEAK_MILLISECONDS = 5000;
/** The height of the line where it needs no second one, in pixels. */
const HEAD = 20;
/** The height of what is around the line and the sheet, in pixels: caption, gaps and margins. */
const AROUND = 32 + 3 * 4 + 2 * 10;
/** So many characters of a label leave room for the reason why a cell failed. */
const MOST_OF_LABEL = 24;
/** The height of the line that turns pages, with its gap. */
const PAGER = 24 + 4;

/** Columns and rows to go for each key. */
const STEPS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const TURNS = { PageUp: -1, PageDown: 1 };

export class SheetView {
  /**
   * @param {SweepState} state
   * @param {Pictures} pictures
   * @param {ReturnType<typeof import("./words.js").wordsFor>} words
   * @param {(place?: [number, number, number]) => void} onOpen - Shows the sheet large, at a cell.
   */
  constructor(state, pictures, words, onOpen) {
    this.state = state;
    this.pictures = pictures;
    this.words = words;
    this.onOpen = onOpen;
    this.page = 0;
    /** @type {[number, number] | null} Column and row of the cell that is looked at. */
    this.selected = null;
    this.nextSpeech = 0;
    this.frame = 0;
    /** @type {import("./sheet_layout.js").SheetLayout | null} As it was drawn last. */
    this.layout = null;

    this.line = make("div", "periplus-live-line");
    const open = button("⤢", words.open, () => onOpen());
    this.head = make("div", "periplus-live-head", [this.line, open]);
    this.pageName = make("span", "periplus-live-page");
    this.pageNumber = make("span");
    this.pager = make("div", "periplus-live-pages", [
      button("‹", words.previous, () => this.#turn(-1)),
      ...[this.pageName, this.pageNumber],
      button("›", words.next, () => this.#turn(1)),
    ]);
    this.canvas = make("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.sheet = make("div", "periplus-live-sheet", [this.canvas]);
    this.caption = make("div", "periplus-live-caption");
    this.caption.setAttribute("aria-live", "polite");
    this.spoken = make("div", "periplus-live-spoken");
    this.spoken.setAttribute("role", "status");
    this.element = make("div", "periplus-live", [
      ...[this.head, this.pager, this.sheet, this.caption, this.spoken],
    ]);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));

    this.canvas.addEventListener("pointermove", (event) => this.#lookAt(event));
    this.canvas.addEventListener("pointerleave", () => this.#select(null));
    this.canvas.addEventListener("dblclick", () => this.#open());
    this.canvas.addEventListener("keydown", (event) => this.#onKey(event));
    new ResizeObserver(() => this.update()).observe(this.sheet);
  }

  /**
   * @param {number} width - Of the element.
   * @returns {number} The height that it needs, in pixels.
   */
  heightAt(width) {
    const pager = this.state.shape[2] > 1 ? PAGER : 0;
    const head = this.head.offsetHeight || HEAD; // 0 while it is not on the page
    return AROUND + head + pager + layOut(measure(this.context, this.state), width).height;
  }

  /** Draw what has changed, once the page is drawn next. */
  update() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const now = performance.now();
    const line = progressLine(this.words, this.state.progress(now));
    setText(this.line, line);
    this.canvas.setAttribute("aria-label", `${line}. ${this.words.sheet}`);
    if (now >= this.nextSpeech || this.state.isRunning === false) {
      setText(this.spoken, line);
      this.nextSpeech = now + SPEAK_MILLISECONDS;
    }
    this.#drawPager();
    this.#drawCaption();
    this.#drawSheet();
  }

  #drawPager() {
    const { z } = this.state.axes;
    const count = z.labels.length;
    this.pager.hidden = count < 2;
    setText(this.pageName, `${z.name}: ${z.labels[this.page]}`);
    this.pageName.title = this.pageName.textContent ?? "";
    setText(this.pageNumber, `${this.page + 1} / ${count}`);
    this.pageNumber.title = this.words.page(this.page + 1, count);
  }

  #drawCaption() {
    const { selected } = this;
    const { isRunning, forecast } = this.state;
    // Of the cells the line above tells, and of the time once it has been measured.
    const isForetold = isRunning && this.state.secondsLeft(performance.now()) === null;
    const foretold = isForetold ? forecast.slice(1).join("\n") : "";
    setText(this.caption, selected ? this.#describe(...selected, MOST_OF_LABEL) : foretold);
    this.canvas.title = selected ? this.#describe(...selected, Infinity) : foretold;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} most - Characters of each label.
   * @returns {string} What is to be said of a cell of this page.
   */
  #describe(x, y, most) {
    const { axes } = this.state;
    const all = [axes.x.labels[x], axes.y.labels[y], axes.z.labels[this.page]];
    const labels = all.filter(Boolean).map((label) => shortened(label, most));
    const place = /** @type {const} */ ([x, y, this.page]);
    return cellLine(this.words, labels, this.state.cell(...place), this.state.isAtWork(...place));
  }

  #drawSheet() {
    const { clientWidth: width, clientHeight: height } = this.sheet;
    if (width === 0) return; // not on the page
    const measures = measure(this.context, this.state);
    this.sheet.style.minHeight = `${layOut(measures, width).height}px`;
    this.layout = layOut(measures, width, height);
    const scale = window.devicePixelRatio;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.context.scale(scale, scale);
    for (const cell of this.state.cells.values()) {
      if (cell.z === this.page) this.pictures.want(this.state, cell);
    }
    const { color } = getComputedStyle(this.element);
    drawSheet(this.context, this, this.layout, color);
  }

  /** @param {PointerEvent} event */
  #lookAt(event) {
    if (!this.layout) return;
    const [columns, rows] = this.state.shape;
    this.#select(cellAt(this.layout, event.offsetX, event.offsetY, columns, rows));
  }

  /** @param {[number, number] | null} selected */
  #select(selected) {
    this.selected = selected;
    const cell = selected && this.state.cell(...selected, this.page);
    if (cell) this.pictures.want(this.state, cell, true);
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const [columns, rows] = this.state.shape;
    const step = STEPS[event.key];
    if (step) {
      const [x, y] = this.selected ?? [0, 0];
      const [right, down] = this.selected ? step : [0, 0];
      this.#select([within(x + right, columns), within(y + down, rows)]);
    } else if (event.key in TURNS) {
      this.#turn(TURNS[event.key]);
    } else if (event.key === "Enter") {
      this.#open();
    } else {
      return;
    }
    // Else ComfyUI would move the node or the view.
    event.preventDefault();
    event.stopPropagation();
  }

  #open() {
    this.onOpen(this.selected ? [...this.selected, this.page] : undefined);
  }

  /** @param {number} pages */
  #turn(pages) {
    this.page = within(this.page + pages, this.state.shape[2]);
    this.#select(this.selected);
  }
}

/**
 * Screen readers read a text again that is set again, so set it only where it changes.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {string} text
 * @param {number} most - Characters.
 * @returns {string}
 */
function shortened(text, most) {
  const characters = [...text];
  if (characters.length <= most) return text;
  return `${characters.slice(0, most - 1).join("").trimEnd()}…`;
}

/**
 * @param {number} index
 * @param {number} count
 * @returns {number} The nearest index below count, 0 or more.
 */
function within(index, count) {
  return Math.min(Math.max(index, 0), count - 1);
}
