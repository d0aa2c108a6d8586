/**
 * What the live sheet says, in the language of the page.
 *
 * ComfyUI translates what it knows of a pack (nodes, settings), but offers no way to do so for
 * texts that the pack shows itself.
 *
 * @module periplus/live_sheet/words
 */

import { languageOf } from "../../viewer/languages.mjs";

/** @typedef {import("./sweep_state.js").Progress} Progress */
/** @typedef {import("./sweep_state.js").Cell} Cell */

const ENGLISH = {
  comma: ", ",
  cells: (done, total) => `${done} of ${total} cells`,
  failed: (count) => `${count} failed`,
  stopped: "stopped",
  secondsLeft: "less than a minute left",
  minutesLeft: (count) => `about ${count} min left`,
  hoursLeft: (count) => `about ${count} h left`,
  cell: { reused: "made earlier", failed: "failed", missing: "not made yet" },
  running: "being made",
  seconds: (count) => `${count} s`,
  sheet: "Sheet of the sweep. Arrow keys go from cell to cell.",
  page: (number, total) => `page ${number} of ${total}`,
  previous: "Previous page",
  next: "Next page",
  open: "Open the sheet (double-click a cell to open it)",
};

/** @type {Record<string, typeof ENGLISH>} */
const LANGUAGES = {
  en: ENGLISH,
  ru: {
    comma: ", ",
    cells: (done, total) => `Ячеек: ${done} из ${total}`,
    failed: (count) => `с ошибкой: ${count}`,
    stopped: "остановлено",
    secondsLeft: "осталось меньше минуты",
    minutesLeft: (count) => `осталось около ${count} мин`,
    hoursLeft: (count) => `осталось около ${count} ч`,
    cell: { reused: "сделана раньше", failed: "ошибка", missing: "ещё не готова" },
    running: "в работе",
    seconds: (count) => `${count} с`,
    sheet: "Лист перебора. Стрелки переводят от ячейки к ячейке.",
    page: (number, total) => `страница ${number} из ${total}`,
    previous: "Предыдущая страница",
    next: "Следующая страница",
    open: "Открыть лист (двойной щелчок открывает ячейку)",
  },
  zh: {
    comma: "，",
    cells: (done, total) => `已完成 ${done} / ${total} 个单元格`,
    failed: (count) => `${count} 个失败`,
    stopped: "已停止",
    secondsLeft: "剩余不到 1 分钟",
    minutesLeft: (count) => `剩余约 ${count} 分钟`,
    hoursLeft: (count) => `剩余约 ${count} 小时`,
    cell: { reused: "之前已生成", failed: "失败", missing: "尚未生成" },
    running: "正在生成",
    seconds: (count) => `${count} 秒`,
    sheet: "扫描网格图。用方向键在单元格之间移动。",
    page: (number, total) => `第 ${number} 页，共 ${total} 页`,
    previous: "上一页",
    next: "下一页",
    open: "打开网格图（双击可打开单元格）",
  },
};

/**
 * @param {string} locale - The page's, such as "zh" or "zh-TW".
 * @returns {typeof ENGLISH} English where there is no better.
 */
export function wordsFor(locale) {
  return LANGUAGES[languageOf(locale)];
}

/**
 * @param {typeof ENGLISH} words
 * @param {Progress} progress
 * @returns {string} Such as "37 of 168 cells, 2 failed, about 3 min left".
 */
export function progressLine(words, progress) {
  const parts = [words.cells(progress.finished, progress.total)];
  if (progress.failed > 0) parts.push(words.failed(progress.failed));
  if (progress.stopped) parts.push(words.stopped);
  if (progress.secondsLeft !== null) parts.push(timeLeft(words, progress.secondsLeft));
  return parts.join(words.comma);
}

/**
 * @param {typeof ENGLISH} words
 * @param {number} seconds
 * @returns {string} No more exact than it can be known.
 */
function timeLeft(words, seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return words.secondsLeft;
  if (minutes < 100) return words.minutesLeft(minutes);
  return words.hoursLeft(Math.round(minutes / 60));
}

/**
 * @param {typeof ENGLISH} words
 * @param {string[]} labels - Of the cell, one for each axis that is in use.
 * @param {Cell | undefined} cell
 * @param {boolean} isAtWork
 * @returns {string} All that is to be said of a cell: its labels, and how it stands.
 */
export function cellLine(words, labels, cell, isAtWork) {
  const status = cell?.status ?? "missing";
  const parts = [];
  if (isAtWork && status === "missing") parts.push(words.running);
  else if (status !== "done") parts.push(words.cell[status]);
  else if (cell?.seconds != null) parts.push(words.seconds(cell.seconds.toFixed(1)));
  if (cell?.reason) parts.push(cell.reason);
  const standing = parts.join(": ");
  return [labels.join(", "), standing].filter(Boolean).join(" · ");
}
