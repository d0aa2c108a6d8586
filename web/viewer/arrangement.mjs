/**
 * How a sweep is laid out: which axis is columns, rows and pages, and which values are hidden.
 *
 * @module arrangement
 */

/** @typedef {import("./sweep.mjs").Sweep} Sweep */
/** @typedef {import("./sweep.mjs").Place} Place */

/** The parts that an axis can play; `Arrangement.order` has an axis for each. */
export const COLUMNS = 0;
export const ROWS = 1;
export const PAGES = 2;

/** The order of the axes and the values that are shown. */
export class Arrangement {
  /** @param {Sweep} sweep */
  constructor(sweep) {
    this.sweep = sweep;
    /** The number of the axis (0 is x) for columns, rows and pages. */
    this.order = [0, 1, 2];
    /** The numbers of the hidden values, by axis. @type {Set<number>[]} */
    this.hidden = [new Set(), new Set(), new Set()];
  }

  /** The axis that plays a part. @param {number} part */
  axis(part) {
    return this.sweep.axes[this.order[part]];
  }

  /** The numbers of the values that are shown along a part. @param {number} part */
  shown(part) {
    const hidden = this.hidden[this.order[part]];
    return this.axis(part)
      .labels.map((_, i) => i)
      .filter((i) => !hidden.has(i));
  }

  /**
   * The place of the cell with these values.
   *
   * @param {number} column @param {number} row @param {number} page
   * @returns {Place}
   */
  placeOf(column, row, page) {
    /** @type {Place} */
    const place = [0, 0, 0];
    [column, row, page].forEach((value, part) => (place[this.order[part]] = value));
    return place;
  }

  /** All shown places, column by column, then row by row, then page by page. */
  get places() {
    return this.shown(PAGES).flatMap((page) =>
      this.shown(ROWS).flatMap((row) =>
        this.shown(COLUMNS).map((column) => this.placeOf(column, row, page)),
      ),
    );
  }

  /**
   * The next shown place along a part; undefined at the end.
   *
   * @param {Place} place @param {number} part @param {number} direction 1 or -1
   * @returns {Place | undefined}
   */
  step(place, part, direction) {
    const axis = this.order[part];
    const shown = this.shown(part);
    const next = shown[shown.indexOf(place[axis]) + direction];
    if (next === undefined) return undefined;
    /** @type {Place} */
    const stepped = [...place];
    stepped[axis] = next;
    return stepped;
  }

  /**
   * Give a part to an axis; the axis that had it takes the other's.
   *
   * @param {number} part
   * @param {number} axis
   */
  give(part, axis) {
    const other = this.order.indexOf(axis);
    [this.order[part], this.order[other]] = [this.order[other], this.order[part]];
  }

  /**
   * Show or hide a value.
   *
   * @param {number} axis
   * @param {number} value
   * @param {boolean} isShown
   */
  setShown(axis, value, isShown) {
    const hidden = this.hidden[axis];
    if (isShown) hidden.delete(value);
    else hidden.add(value);
  }
}
