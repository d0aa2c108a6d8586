/**
 * The languages that the pack's texts are in, and which of them a reader is shown.
 *
 * @module languages
 */

/** The first is for readers of any other. */
const LANGUAGES = ["en", "ru", "zh"];

/**
 * @param {...string} preferred tags such as "ru" or "zh-TW", the best first
 * @returns {string} one of "en", "ru" and "zh"
 */
export function languageOf(...preferred) {
  const known = preferred.map((tag) => tag.toLowerCase().split("-")[0]);
  return known.find((tag) => LANGUAGES.includes(tag)) ?? LANGUAGES[0];
}

/**
 * @template {string} T
 * @param {Record<T, string[]>} texts each in English, Russian and Chinese, by name
 * @param {string} language one that `languageOf` gives
 * @returns {Record<T, string>} those in this language
 */
export function textsIn(texts, language) {
  const at = LANGUAGES.indexOf(language);
  const pairs = Object.entries(texts).map(([name, all]) => [name, all[at]]);
  return Object.fromEntries(pairs);
}
