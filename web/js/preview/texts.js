/**
 * From what the server tells of a node to the line that the node shows.
 *
 * @module periplus/preview/texts
 */

/** @typedef {import("./words.js").Words} Words */

/**
 * @typedef {object} Line
 * @property {string} text - As much of it as there is room for is shown.
 * @property {string} full - All there is to say.
 * @property {boolean} isWrong - Whether it tells of a mistake.
 */

/** How the server tells of several pages. */
const PAGES = /(\d+) pages of up to (.+? px)/g;

const LINES = { axis: axisLine, sweep: sweepLine };

/**
 * @param {Words} words
 * @param {any} entry - The server's; see periplus/host/preview.py.
 * @param {(text: string) => boolean} fits - Whether there is room for a text.
 * @returns {Line}
 */
export function lineOf(words, entry, fits) {
  if (entry.errors.length > 0) {
    const text = entry.errors.map(({ message }) => message).join("\n");
    return { text, full: text, isWrong: true };
  }
  return { ...LINES[entry.kind](words, entry, fits), isWrong: false };
}

/**
 * @param {Words} words
 * @param {any} entry
 * @param {(text: string) => boolean} fits
 * @returns {{text: string, full: string}}
 */
function axisLine(words, entry, fits) {
  if (entry.unknown) return notKnown(words, entry);
  const { labels, notes } = entry;
  const head = words.values(words.number(entry.count));
  const isAll = labels.length === entry.count;
  const tell = (shown) => head + shortened(labels, shown, isAll);
  const full = [head + [...labels, ...(isAll ? [] : ["…"])].join(", "), ...notes].join("\n");
  return { text: tell(mostThatFit(labels.length, (shown) => fits(tell(shown)))), full };
}

/**
 * @param {Words} words
 * @param {any} entry
 * @returns {{text: string, full: string}}
 */
function sweepLine(words, entry) {
  if (entry.cells === null) return notKnown(words, entry);
  if (entry.isOnSheet) return restLine(words, entry);
  const { number } = words;
  const long = entry.shape.filter((length) => length > 1);
  const product = long.length > 1 ? `${long.map(number).join(" × ")} = ` : "";
  const isPart = entry.chosen !== null && entry.chosen < entry.cells;
  const all = words.cells((isPart ? "" : product) + number(entry.cells));
  const parts = [isPart ? words.part(number(entry.chosen), all) : all];
  parts.push(...costOf(words, entry));
  if (entry.making === 0) parts.push(words.allStored);
  else if (entry.stored) parts.push(words.stored(number(entry.stored)));
  if (entry.sheets.length > 0) parts.push(sheetsOf(words, entry.sheets));
  if (entry.seconds !== null && entry.making !== 0) parts.push(timeOf(words, entry));
  if (entry.unknown) parts.push(entry.isHeldUp ? words.elsewhere : words.rest);
  const text = capital(parts.join(words.comma));
  return { text, full: [text, ...(entry.unknown ? [entry.unknown] : [])].join("\n") };
}

/**
 * What is left of a sweep whose sheet is shown below.
 *
 * @param {Words} words
 * @param {any} entry
 * @returns {{text: string, full: string}}
 */
function restLine(words, entry) {
  const parts = [words.toMake(words.number(entry.making)), ...costOf(words, entry)];
  if (entry.seconds !== null) parts.push(timeOf(words, entry));
  const text = capital(parts.join(words.comma));
  return { text, full: text };
}

/**
 * @param {Words} words
 * @param {any} entry
 * @returns {string[]}
 */
function costOf(words, { model_loads: loads, steps, sampler_runs: runs }) {
  return [
    ...(loads ? [words.loads(words.number(loads))] : []),
    ...(steps ? [words.steps(words.number(steps))] : []),
    ...(runs ? [words.runs(words.number(runs))] : []),
  ];
}

/**
 * @param {Words} words
 * @param {string[]} sheets - In the server's words.
 * @returns {string}
 */
function sheetsOf(words, sheets) {
  const sizes = sheets.join(", ").replaceAll(" x ", " × ");
  return words.sheet(sizes.replaceAll(PAGES, (_, count, size) => words.pages(count, size)));
}

/**
 * @param {Words} words
 * @param {{unknown: string, isHeldUp?: boolean}} entry - Held up by a mistake in another node.
 * @returns {{text: string, full: string}}
 */
function notKnown(words, { unknown, isHeldUp }) {
  return { text: capital(isHeldUp ? words.elsewhere : words.unknown), full: unknown };
}

/**
 * @param {Record<string, any>} entries - The server's, by the id of the node in the prompt.
 * @param {Record<string, any>} prompt
 * @param {string} id
 * @returns {boolean} Whether a node that gives this one something has a mistake.
 */
export function leadsToMistake(entries, prompt, id) {
  return Object.values(prompt[id].inputs).some((value) => {
    const source = Array.isArray(value) ? entries[value[0]] : undefined;
    return source && (source.errors.length > 0 || leadsToMistake(entries, prompt, value[0]));
  });
}

/**
 * @param {Words} words
 * @param {{seconds: number, rough?: boolean}} entry
 * @returns {string} No more exact than it can be known.
 */
function timeOf(words, { seconds, rough }) {
  const minutes = Math.round(seconds / 60);
  let time = words.secondsLong;
  if (minutes >= 100) time = words.hoursLong(words.number(Math.round(minutes / 60)));
  else if (minutes >= 1) time = words.minutesLong(words.number(minutes));
  return rough ? words.roughly(time) : time;
}

/**
 * @param {string[]} labels - The first of the values, or all.
 * @param {number} shown - So many, of which the last stands behind the gap.
 * @param {boolean} isAll
 * @returns {string} Such as "2, 2.5, … 7".
 */
export function shortened(labels, shown, isAll) {
  if (!isAll) return [...labels.slice(0, shown), "…"].join(", ");
  if (shown >= labels.length) return labels.join(", ");
  if (shown === 1) return `${labels[0]}, …`;
  return `${[...labels.slice(0, shown - 1), "…"].join(", ")} ${labels[labels.length - 1]}`;
}

/**
 * @param {number} most
 * @param {(count: number) => boolean} fits - Where a count fits, every smaller one does.
 * @returns {number} The most that fit; at least 1.
 */
function mostThatFit(most, fits) {
  let [low, high] = [1, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * @param {string} text
 * @returns {string}
 */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
