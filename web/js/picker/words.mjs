/**
 * What the choice of names says, in the language of the page.
 *
 * @module periplus/picker/words
 */

import { languageOf } from "../../viewer/languages.mjs";

const ENGLISH = {
  title: (what) => `Choose: ${what}`,
  search: "Search",
  all: "All",
  none: "None",
  names: "Names",
  chosen: (count) => `Chosen: ${count}`,
  nothingChosen: "Nothing is chosen, and an empty text means all.",
  nothingFound: "No name has these words.",
  tooMany: "These are too many values to be changed here. Change their text.",
  order: "Drag to sort, or Alt with the arrow keys. Delete takes away.",
  strength: (name) => `Strength of ${name}`,
  remove: (name) => `Take away ${name}`,
  place: (name, number, count) => `${name}: ${number} of ${count}`,
  close: "Close",
  notShown: "The names cannot be shown",
  kinds: {},
  groups: { pairs: "Sampler / scheduler", latent: "Latent", pixels: "Pixels", model: "Models" },
};

/** @type {Record<string, typeof ENGLISH>} */
const LANGUAGES = {
  en: ENGLISH,
  ru: {
    title: (what) => `Выбор: ${what}`,
    search: "Поиск",
    all: "Все",
    none: "Ни одного",
    names: "Имена",
    chosen: (count) => `Выбрано: ${count}`,
    nothingChosen: "Ничего не выбрано, а пустой текст означает все.",
    nothingFound: "Нет имён с такими словами.",
    tooMany: "Значений слишком много, чтобы менять их здесь. Измените текст.",
    order: "Порядок: перетащите или нажмите Alt + стрелку. Delete убирает.",
    strength: (name) => `Сила ${name}`,
    remove: (name) => `Убрать ${name}`,
    place: (name, number, count) => `${name}: ${number} из ${count}`,
    close: "Закрыть",
    notShown: "Имена не показать",
    kinds: {
      sampler: "сэмплер",
      scheduler: "планировщик",
      "sampler+scheduler": "сэмплер и планировщик",
      checkpoint: "чекпоинт",
      refiner: "рефайнер",
      upscaler: "апскейлер",
    },
    groups: { pairs: "Сэмплер / планировщик", latent: "Латент", pixels: "Пиксели", model: "Модели" },
  },
  zh: {
    title: (what) => `选择：${what}`,
    search: "搜索",
    all: "全选",
    none: "全不选",
    names: "名称",
    chosen: (count) => `已选 ${count} 个`,
    nothingChosen: "未选择任何名称；留空表示全部。",
    nothingFound: "没有包含这些词的名称。",
    tooMany: "取值太多，无法在此修改。请直接修改文本。",
    order: "拖动或按 Alt + 方向键排序，按 Delete 移除。",
    strength: (name) => `${name} 的强度`,
    remove: (name) => `移除 ${name}`,
    place: (name, number, count) => `${name}：第 ${number} 个，共 ${count} 个`,
    close: "关闭",
    notShown: "无法显示名称",
    kinds: {
      sampler: "采样器",
      scheduler: "调度器",
      "sampler+scheduler": "采样器和调度器",
      checkpoint: "Checkpoint",
      refiner: "精炼器",
      upscaler: "放大方式",
    },
    groups: { pairs: "采样器 / 调度器", latent: "Latent", pixels: "像素", model: "模型" },
  },
};

/** @typedef {typeof ENGLISH} Words */

/**
 * @param {string} locale - The page's, such as "zh" or "zh-TW".
 * @returns {Words} English where there is no better.
 */
export function wordsFor(locale) {
  return LANGUAGES[languageOf(locale)];
}
