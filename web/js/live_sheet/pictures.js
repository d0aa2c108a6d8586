/**
 * The small pictures of a sweep's cells, kept drawn: one canvas for each page of the sheet.
 *
 * @module periplus/live_sheet/pictures
 */

import { isFinished } from "./sweep_state.js";

/** @typedef {import("./sweep_state.js").Cell} Cell */
/** @typedef {import("./sweep_state.js").SweepState} SweepState */

/** The longest side of a kept picture; the server sends none larger. */
const MAX_SIDE = 128;
/** Pixels that all kept pictures of a sweep may have together, as long as they stay visible. */
const BUDGET = 4_000_000;
const MIN_SIDE = 16;
/** The longest side of a canvas. */
const MAX_CANVAS = 16_384;
/** Pictures that are read from their files at a time. */
const READS_AT_ONCE = 2;
/** Of each page, so many pictures are read from files unasked. They are not small. */
const UNASKED_READS = 256;

export class Pictures {
  /** @param {(file: string) => string} addressOf - Where a file of the sweep is. */
  constructor(addressOf) {
    this.addressOf = addressOf;
    /** Called when a picture has come. */
    this.onDrawn = () => {};
    /** @type {Map<number, HTMLCanvasElement>} The pages, by number. */
    this.pages = new Map();
    /** @type {Set<string>} The cells whose picture is there. */
    this.drawn = new Set();
    /** @type {Set<string>} The cells whose picture is on its way, or cannot be had. */
    this.asked = new Set();
    /** @type {Map<number, number>} How many were read unasked, by page. */
    this.unasked = new Map();
    /** @type {(() => Promise<void>)[]} */
    this.waiting = [];
    this.reading = 0;
    /** @type {[number, number] | null} Width and height of a kept picture. */
    this.side = null;
  }

  /**
   * Draw a cell's picture.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {Cell} cell
   * @param {[number, number, number, number]} box - Left, top, width and height.
   * @returns {boolean} False where the picture is not there.
   */
  draw(context, cell, box) {
    const page = this.pages.get(cell.z);
    if (!page || !this.side || !isFinished(cell) || !this.drawn.has(keyOf(cell))) return false;
    const [width, height] = this.side;
    context.drawImage(page, cell.x * width, cell.y * height, width, height, ...box);
    return true;
  }

  /**
   * Get the picture of a cell: from its thumbnail, else from its file.
   *
   * @param {SweepState} state
   * @param {Cell} cell
   * @param {boolean} [isAsked] - Whether the user looks at this very cell.
   */
  want(state, cell, isAsked = false) {
    const key = keyOf(cell);
    if (!isFinished(cell)) return;
    if (cell.thumbnail) {
      // It was made just now, perhaps in place of one that is drawn.
      this.asked.add(key);
      void this.#load(state, cell, cell.thumbnail);
      cell.thumbnail = undefined;
      return;
    }
    if (this.drawn.has(key) || this.asked.has(key)) return;
    const unasked = this.unasked.get(cell.z) ?? 0;
    if (!isAsked && unasked >= UNASKED_READS) return;
    if (!isAsked) this.unasked.set(cell.z, unasked + 1);
    this.asked.add(key);
    this.waiting.push(() => this.#load(state, cell, this.addressOf(cell.files[0])));
    this.#readNext();
  }

  /** Let what could not be had be asked for again. */
  retry() {
    this.asked = new Set(this.drawn);
    this.unasked.clear();
  }

  #readNext() {
    while (this.reading < READS_AT_ONCE && this.waiting.length > 0) {
      const read = /** @type {() => Promise<void>} */ (this.waiting.shift());
      this.reading += 1;
      void read().finally(() => {
        this.reading -= 1;
        this.#readNext();
      });
    }
  }

  /**
   * @param {SweepState} state
   * @param {Cell} cell
   * @param {string} address
   */
  async #load(state, cell, address) {
    const image = new Image();
    image.src = address;
    try {
      await image.decode();
    } catch {
      return; // the file is gone; the cell stays as one without a picture
    }
    this.side ??= sideOf(state);
    const [width, height] = this.side;
    const scale = Math.min(width / image.width, height / image.height);
    const size = [image.width * scale, image.height * scale];
    const context = /** @type {CanvasRenderingContext2D} */ (
      this.#page(state, cell.z).getContext("2d")
    );
    context.imageSmoothingQuality = "high";
    context.drawImage(
      image,
      cell.x * width + (width - size[0]) / 2,
      cell.y * height + (height - size[1]) / 2,
      ...size,
    );
    this.drawn.add(keyOf(cell));
    this.onDrawn();
  }

  /**
   * @param {SweepState} state
   * @param {number} number
   * @returns {HTMLCanvasElement}
   */
  #page(state, number) {
    let page = this.pages.get(number);
    if (!page) {
      const [columns, rows] = state.shape;
      const [width, height] = /** @type {[number, number]} */ (this.side);
      page = document.createElement("canvas");
      page.width = columns * width;
      page.height = rows * height;
      this.pages.set(number, page);
    }
    return page;
  }
}

/**
 * @param {SweepState} state
 * @returns {[number, number]} The width and height at which pictures are kept.
 */
function sideOf(state) {
  const [columns, rows, pages] = state.shape;
  const fair = Math.sqrt(BUDGET / (columns * rows * pages));
  const longest = Math.min(
    Math.max(fair, MIN_SIDE),
    MAX_SIDE,
    MAX_CANVAS / Math.max(columns, rows),
  );
  const aspect = state.aspect ?? 1;
  return [
    Math.max(1, Math.floor(longest * Math.min(1, aspect))),
    Math.max(1, Math.floor(longest / Math.max(1, aspect))),
  ];
}

/**
 * @param {Cell} cell
 * @returns {string}
 */
function keyOf({ x, y, z }) {
  return `${x} ${y} ${z}`;
}
