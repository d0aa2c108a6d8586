/**
 * How a cell was made, as tables and as a text to copy.
 *
 * @module recipe
 */

import { breakable, make } from "./elements.mjs";

/** @typedef {import("./sweep.mjs").Cell} Cell */
/** @typedef {import("./sweep.mjs").Place} Place */
/** @typedef {import("./sweep.mjs").Sweep} Sweep */
/** @typedef {import("./words.mjs").Words} Words */

/** Characters that stand beside the name of a setting. */
const LONG = 40;

/**
 * The settings of a cell: first those that change in the sweep.
 *
 * @param {Sweep} sweep
 * @param {Place} place
 * @param {Place | undefined} previous the cell that was shown before; what changed is marked
 * @param {Words} words
 * @returns {HTMLElement[]}
 */
export function recipeTables(sweep, place, previous, words) {
  const { varying, same } = sweep.settings(place);
  const { seconds } = sweep.cellAt(place);
  const changed = previous ? sweep.differences(previous, place) : [];
  const before = new Map(changed.map(([name, old]) => [name, old]));
  const rows = varying.flatMap(([name, value]) => {
    const was = before.get(name);
    const [term, definition] = setting(name, value || "–");
    if (was !== undefined) {
      definition.classList.add("changed");
      definition.append(make("small", {}, `${words.was} ${was || "–"}`));
    }
    return [term, definition];
  });
  const told = seconds === null ? same : [...same, [words.seconds, String(seconds)]];
  return [
    ...(rows.length ? [make("h3", {}, words.changes), make("dl", {}, ...rows)] : []),
    make(
      "details",
      { open: !rows.length },
      make("summary", {}, words.same),
      make("dl", {}, ...told.flatMap(([name, value]) => setting(name, value))),
    ),
  ];
}

/**
 * A setting as it stands in a list; a long value has a line of its own.
 *
 * @param {string} name
 * @param {string} value
 * @returns {[HTMLElement, HTMLElement]}
 */
function setting(name, value) {
  const length = value.length > LONG ? ".long" : "";
  return [make(`dt${length}`, {}, name), make(`dd${length}`, {}, value)];
}

/**
 * A table of the settings in which two cells differ.
 *
 * @param {Sweep} sweep @param {Place} first @param {Place} second
 * @returns {HTMLElement}
 */
export function differenceTable(sweep, first, second) {
  const rows = sweep
    .differences(first, second)
    .map(([name, a, b]) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, ...breakable(name)),
        make("td", {}, a || "–"),
        make("td", {}, b || "–"),
      ),
    );
  return make("table", {}, make("tbody", {}, ...rows));
}

/**
 * The text that tells how a cell was made: an infotext, or where there is none, JSON.
 *
 * @param {Cell} cell
 * @param {string} infotext
 */
export function recipeText(cell, infotext) {
  return infotext || JSON.stringify(cell.recipe, null, 2);
}
