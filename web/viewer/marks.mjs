/**
 * Stars and rejects, kept by the browser for a sweep where it allows that.
 *
 * @module marks
 */

/** @typedef {import("./sweep.mjs").Place} Place */

export const STAR = "star";
export const REJECT = "reject";

/** The marks of one sweep's cells: none or one each. */
export class Marks {
  /** @param {string} id the sweep's */
  constructor(id) {
    this._name = `periplus.marks.${id}`;
    /** @type {Map<string, string>} */
    this._marks = new Map(Object.entries(recall(this._name) ?? {}));
  }

  /** @param {Place} place @returns {string | undefined} */
  of(place) {
    return this._marks.get(String(place));
  }

  /** Set a mark, or take it away where it is set. @param {Place} place @param {string} mark */
  toggle(place, mark) {
    const isSet = this.of(place) === mark;
    // Another tab may have marked other cells since; where nothing is kept, nothing is there.
    this._marks = new Map(Object.entries(recall(this._name) ?? Object.fromEntries(this._marks)));
    if (isSet) this._marks.delete(String(place));
    else this._marks.set(String(place), mark);
    keep(this._name, Object.fromEntries(this._marks));
  }

  /** @param {string} mark */
  count(mark) {
    return [...this._marks.values()].filter((set) => set === mark).length;
  }
}

/**
 * What was kept under a name; undefined where there is nothing or the browser keeps nothing.
 *
 * @param {string} name
 * @returns {any}
 */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") ?? undefined;
  } catch {
    return undefined; // a browser may refuse a page from a file, and others may write there
  }
}

/**
 * Keep something under a name, if only while the page is open.
 *
 * @param {string} name
 * @param {unknown} value
 */
export function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Refused: the marks stay until the page is closed.
  }
}
