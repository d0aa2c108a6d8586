/**
 * A sweep as the page's data tells of it: axes, cells, and what differs between recipes.
 *
 * @module sweep
 */

/** @typedef {import("./surroundings.mjs").Surroundings} Surroundings */
/** @typedef {[number, number, number]} Place x, y and z, counted from 0 */

/**
 * @typedef {object} Picture
 * @property {string} file its path, as the sweep has it
 * @property {string} address
 * @property {string} thumb the address of a small one
 * @property {string} infotext how it was made, where the data says it
 * @property {number} width in pixels
 * @property {number} height
 */

/**
 * @typedef {object} Cell
 * @property {Place} place
 * @property {string} status done, reused, failed or missing
 * @property {string} reason why it failed
 * @property {string} warning what is strange about its pictures
 * @property {number | null} seconds
 * @property {Picture[]} pictures
 * @property {unknown} recipe
 */

/** @typedef {{name: string, labels: string[]}} Axis a name that is empty means *no axis* */

/** A sweep; made of the data of its page. */
export class Sweep {
  /**
   * @param {any} data as `periplus/viewer/viewer_data.py` gives it
   * @param {Surroundings} surroundings
   */
  constructor(data, surroundings) {
    this._surroundings = surroundings;
    this.id = String(data.id);
    this.title = String(data.title);
    /** @type {string[]} */
    this.notes = data.notes.map(String);
    /** @type {string[]} */
    this.sheets = data.sheets.map(String);
    /** @type {Axis[]} */
    this.axes = ["x", "y", "z"].map((letter) => ({
      name: String(data.axes[letter].name),
      labels: data.axes[letter].labels.map(String),
    }));
    /** @type {Map<string, Cell>} */
    this.cells = new Map();
    /** Width and height that hold every picture, in pixels. */
    this.largest = { width: 1, height: 1 };
    for (const entry of data.cells) this._set(entry, data.pictures);
    this._fields = new Map([...this.cells].map(([key, cell]) => [key, fieldsOf(cell.recipe)]));
    this._varying = varyingFields([...this._fields.values()]);
  }

  /**
   * Take what has become of a cell.
   *
   * @param {any} entry as the data has it; without a recipe, which stays
   * @returns {Place | undefined} where it is; undefined where nothing is new
   */
  setCell(entry) {
    const before = this.cellAt([entry.x, entry.y, entry.z]);
    const place = this._set({ ...entry, recipe: before.recipe }, {});
    return JSON.stringify(before) === JSON.stringify(this.cellAt(place)) ? undefined : place;
  }

  /** @param {any} entry @param {Record<string, any>} known of pictures, by file @returns {Place} */
  _set(entry, known) {
    const cell = readCell(entry, known, this._surroundings);
    this.cells.set(String(cell.place), cell);
    for (const { width, height } of cell.pictures) {
      this.largest.width = Math.max(this.largest.width, width);
      this.largest.height = Math.max(this.largest.height, height);
    }
    return cell.place;
  }

  /** The places of all cells. */
  get places() {
    return [...this.cells.values()].map(({ place }) => place);
  }

  /**
   * Whether the numbers of cells of each status are others.
   *
   * @param {Record<string, number>} counts
   */
  differsFrom(counts) {
    const statuses = [...this.cells.values()].map(({ status }) => status);
    return Object.entries(counts).some(
      ([name, count]) => statuses.filter((status) => status === name).length !== count,
    );
  }

  /** @param {Place} place @returns {Cell} */
  cellAt(place) {
    const none = { reason: "", warning: "", seconds: null, pictures: [], recipe: null };
    return this.cells.get(String(place)) ?? { place, status: "missing", ...none };
  }

  /**
   * What makes a cell differ from its neighbours: `cfg 5.5, steps 20`.
   *
   * @param {Place} place
   */
  caption(place) {
    const parts = this.axes.map((axis, i) => axis.name && `${axis.name} ${axis.labels[place[i]]}`);
    return parts.filter(Boolean).join(", ") || this.title;
  }

  /**
   * The part of a cell's caption that is not another's.
   *
   * @param {Place} place
   * @param {Place} other
   */
  difference(place, other) {
    const labels = this.axes.map((axis, i) => ({
      text: `${axis.name} ${axis.labels[place[i]]}`,
      i,
    }));
    const differing = labels.filter(({ i }) => place[i] !== other[i]);
    return differing.map(({ text }) => text).join(", ");
  }

  /**
   * The settings of a cell that are not the same in every cell, and those that are.
   *
   * @param {Place} place
   * @returns {{varying: [string, string][], same: [string, string][]}}
   */
  settings(place) {
    const all = [...(this._fields.get(String(place)) ?? [])];
    return {
      varying: all.filter(([name]) => this._varying.has(name)),
      same: all.filter(([name, value]) => !this._varying.has(name) && value !== ""),
    };
  }

  /**
   * The settings in which two cells differ: name, the first's value, the second's.
   *
   * @param {Place} first
   * @param {Place} second
   * @returns {[string, string, string][]}
   */
  differences(first, second) {
    const [a, b] = [first, second].map((place) => this._fields.get(String(place)) ?? new Map());
    const names = [...new Set([...a.keys(), ...b.keys()])];
    return names
      .filter((name) => a.get(name) !== b.get(name))
      .map((name) => [name, a.get(name) ?? "", b.get(name) ?? ""]);
  }
}

/**
 * @param {any} entry
 * @param {Record<string, any>} known of pictures, by file
 * @param {Surroundings} surroundings
 * @returns {Cell}
 */
function readCell(entry, known, { addressOf, thumbOf }) {
  return {
    place: [entry.x, entry.y, entry.z],
    status: String(entry.status),
    reason: String(entry.reason ?? ""),
    warning: String(entry.warning ?? ""),
    seconds: entry.seconds ?? null,
    recipe: entry.recipe,
    pictures: entry.files.map((/** @type {string} */ file, /** @type {number} */ i) => ({
      file,
      address: addressOf(file),
      thumb: thumbOf(file, known[file]),
      infotext: known[file]?.infotext ?? "",
      width: entry.sizes[i][0],
      height: entry.sizes[i][1],
    })),
  };
}

/**
 * Every setting of a recipe as text, by a name: `cfg`, `refiner switch_at`, `loras 1 name`.
 *
 * @param {unknown} recipe
 * @returns {Map<string, string>}
 */
export function fieldsOf(recipe) {
  /** @type {Map<string, string>} */
  const fields = new Map();
  /** @param {string} name @param {any} value */
  const add = (name, value) => {
    if (value === null || typeof value !== "object") {
      fields.set(name, value === null || value === undefined ? "" : String(value));
    } else if ("node" in value && "input" in value) {
      add(`${value.input} (${value.node})`, value.value);
    } else {
      const isList = Array.isArray(value);
      for (const [key, part] of Object.entries(value)) {
        const own = isList ? String(Number(key) + 1) : key;
        const isOverride = name === "overrides";
        add(isOverride || !name ? own : `${name} ${own}`, part);
      }
    }
  };
  add("", recipe ?? {});
  return fields;
}

/** @param {Map<string, string>[]} all @returns {Set<string>} */
function varyingFields(all) {
  const names = new Set(all.flatMap((fields) => [...fields.keys()]));
  const first = all[0] ?? new Map();
  return new Set(
    [...names].filter((name) => all.some((fields) => fields.get(name) !== first.get(name))),
  );
}
