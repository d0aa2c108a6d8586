/**
 * Lists of names as values texts. What a text means is known to the server alone; here a list that
 * it has told is changed and written again. See periplus/axes/values.py for the syntax.
 *
 * @module periplus/picker/values_text
 */

/**
 * @typedef {object} Item - One value of an axis.
 * @property {string} text - As it is written among the values.
 * @property {string | null} name - The choice that it is, if it is one.
 * @property {string} [label] - What a sheet calls it, where that is known.
 */

/** A number as a strength can be written. */
const STRENGTHS = /^-?(\d+\.?\d*|\.\d+)(\s*:\s*-?(\d+\.?\d*|\.\d+))?$/;

/**
 * @param {string} text
 * @returns {string} What means just this text among values.
 */
export function written(text) {
  const isPlain = text !== "" && text === text.trim() && !/[,\n\r]|^"/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

/**
 * @param {string} text - As it is written among values.
 * @returns {string} What it means.
 */
export function unquoted(text) {
  const quoted = /^"([^]*)"$/.exec(text);
  return quoted ? quoted[1].replaceAll('""', '"') : text;
}

/**
 * @param {Item} item - A LoRA.
 * @returns {string} The strengths behind its name, such as "0.8" or "0.8:0.6"; empty where none is.
 */
export function strengthOf({ text, name }) {
  return unquoted(text).slice((name ?? "").length + 1);
}

/**
 * @param {Item} item - A LoRA.
 * @param {string} strength - As {@link strengthOf} gives it.
 * @returns {Item} The LoRA with this strength; the item itself where it is none.
 */
export function withStrength(item, strength) {
  const typed = strength.trim().replaceAll(/\s/g, "");
  if (typed === "") return { text: written(item.name ?? ""), name: item.name };
  return STRENGTHS.test(typed) ? { text: written(`${item.name}:${typed}`), name: item.name } : item;
}

/**
 * @param {Item[]} items
 * @param {string} before - The text that they take the place of; its comments stay.
 * @param {{isEachOnALine: boolean, names: Set<string>}} style - A name may begin as a comment does.
 * @returns {string}
 */
export function writtenList(items, before, { isEachOnALine, names }) {
  const lines = before.split(/\r\n|\r|\n/);
  const comments = lines.filter((line) => {
    const first = line.split(",", 1)[0].trim();
    return first.startsWith("#") && !names.has(first);
  });
  const values = lines.filter((line) => line.trim() && !comments.includes(line));
  const separator = values.length > 1 || (values.length === 0 && isEachOnALine) ? "\n" : ", ";
  return [...comments, items.map(({ text }) => text).join(separator)].filter(Boolean).join("\n");
}

/**
 * @param {Item[]} items
 * @param {number} from
 * @param {number} to - The place that it has afterwards.
 * @returns {Item[]}
 */
export function moved(items, from, to) {
  const rest = items.toSpliced(from, 1);
  return rest.toSpliced(to, 0, items[from]);
}
