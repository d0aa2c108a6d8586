/**
 * What the lines under values and on sweep nodes say, in the language of the page.
 *
 * @module periplus/preview/words
 */

import { languageOf } from "../../viewer/languages.mjs";

const ENGLISH = {
  comma: ", ",
  values: (count) => (count === "1" ? "1 value: " : `${count} values: `),
  cells: (count) => (count === "1" ? "1 cell" : `${count} cells`),
  part: (count, all) => `${count} of ${all}`,
  loads: (count) => (count === "1" ? "1 model load" : `${count} model loads`),
  steps: (count) => (count === "1" ? "1 step" : `${count} steps`),
  runs: (count) => (count === "1" ? "1 sampler run" : `${count} sampler runs`),
  stored: (count) => `${count} made earlier`,
  allStored: "all made earlier",
  toMake: (count) => (count === "1" ? "1 cell to make" : `${count} cells to make`),
  sheet: (sizes) => `sheet ${sizes}`,
  pages: (count, size) => `${count} pages of up to ${size}`,
  secondsLong: "less than a minute",
  minutesLong: (count) => `about ${count} min`,
  hoursLong: (count) => `about ${count} h`,
  roughly: (time) => `${time}, a rough guess`,
  unknown: "known when it runs",
  rest: "the rest is known when it runs",
  elsewhere: "a node that is linked here has a mistake",
  choose: "Choose…",
};

/** @type {Record<string, typeof ENGLISH>} */
const LANGUAGES = {
  en: ENGLISH,
  ru: {
    comma: ", ",
    values: (count) => `Значений: ${count}: `,
    cells: (count) => `ячеек: ${count}`,
    part: (count, all) => `${all}, выбрано: ${count}`,
    loads: (count) => `загрузок моделей: ${count}`,
    steps: (count) => `шагов: ${count}`,
    runs: (count) => `запусков сэмплера: ${count}`,
    stored: (count) => `уже готово: ${count}`,
    allStored: "всё уже готово",
    toMake: (count) => `осталось сделать ячеек: ${count}`,
    sheet: (sizes) => `лист ${sizes}`,
    pages: (count, size) => `на ${count} стр. до ${size}`,
    secondsLong: "меньше минуты",
    minutesLong: (count) => `около ${count} мин`,
    hoursLong: (count) => `около ${count} ч`,
    roughly: (time) => `${time}, грубая оценка`,
    unknown: "станет известно при запуске",
    rest: "остальное станет известно при запуске",
    elsewhere: "ошибка в подключённой ноде",
    choose: "Выбрать…",
  },
  zh: {
    comma: "，",
    values: (count) => `${count} 个取值：`,
    cells: (count) => `${count} 个单元格`,
    part: (count, all) => `${all}中的 ${count} 个`,
    loads: (count) => `加载模型 ${count} 次`,
    steps: (count) => `${count} 步`,
    runs: (count) => `采样 ${count} 次`,
    stored: (count) => `${count} 个单元格之前已生成`,
    allStored: "之前已全部生成",
    sheet: (sizes) => `网格图 ${sizes}`,
    pages: (count, size) => `${count} 页，每页最大 ${size}`,
    toMake: (count) => `还需生成 ${count} 个单元格`,
    secondsLong: "不到 1 分钟",
    minutesLong: (count) => `约 ${count} 分钟`,
    hoursLong: (count) => `约 ${count} 小时`,
    roughly: (time) => `${time}（粗略估计）`,
    unknown: "运行时才能确定",
    rest: "其余内容运行时才能确定",
    elsewhere: "所连接的节点有错误",
    choose: "选择…",
  },
};

/** @typedef {typeof ENGLISH & {number: (value: number) => string}} Words */

/**
 * @param {string} locale - The page's, such as "zh" or "zh-TW".
 * @returns {Words} English where there is no better.
 */
export function wordsFor(locale) {
  const language = languageOf(locale);
  const format = new Intl.NumberFormat(language);
  return { ...LANGUAGES[language], number: (value) => format.format(value) };
}
