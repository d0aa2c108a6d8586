/**
 * What the viewer says, in English, Russian and Chinese.
 *
 * @module words
 */

import { textsIn } from "./languages.mjs";

const WORDS = {
  columns: ["Columns", "Столбцы", "列"],
  rows: ["Rows", "Строки", "行"],
  pages: ["Pages", "Страницы", "页"],
  axes: ["Axes", "Оси", "轴设置"],
  swap: ["Swap columns and rows", "Поменять столбцы и строки", "交换列和行"],
  noAxis: ["none", "нет", "无"],
  fit: ["Fit", "Вписать", "适合宽度"],
  fitLong: ["Show the whole width (0)", "Показать всю ширину (0)", "显示整个宽度 (0)"],
  zoomIn: ["Larger cells (+)", "Крупнее (+)", "放大 (+)"],
  zoomOut: ["Smaller cells (−)", "Мельче (−)", "缩小 (−)"],
  show: ["Show", "Показывать", "显示"],
  showAll: ["All cells", "Все ячейки", "全部单元格"],
  showStarred: ["Starred", "Со звездой", "已加星"],
  showKept: ["Not rejected", "Без отвергнутых", "未淘汰"],
  star: ["Star (S)", "Звезда (S)", "加星 (S)"],
  reject: ["Reject (X)", "Отвергнуть (X)", "淘汰 (X)"],
  starred: ["starred", "со звездой", "已加星"],
  rejected: ["rejected", "отвергнута", "已淘汰"],
  copyStarred: ["Copy ★", "Копия ★", "复制 ★"],
  copyList: [
    "Copy the starred ones as a list",
    "Копировать список отмеченных звездой",
    "将加星的单元格复制为列表",
  ],
  copyRecipe: ["Copy recipe", "Копировать рецепт", "复制配方"],
  copied: ["Copied", "Скопировано", "已复制"],
  notCopied: [
    "The browser does not allow copying",
    "Браузер не даёт копировать",
    "浏览器不允许复制",
  ],
  compare: ["Compare (C)", "Сравнить (C)", "对比 (C)"],
  compareHint: [
    "Now choose the other cell: with the arrows here, or on the sheet",
    "Теперь выберите вторую ячейку: стрелками здесь или на листе",
    "请选择另一个单元格：在此按方向键，或在网格图上点选",
  ],
  comparing: ["Comparing with", "Сравнение с", "对比对象"],
  stopComparing: ["Stop comparing", "Закончить сравнение", "结束对比"],
  slider: ["Where one picture ends", "Граница между картинками", "两图分界位置"],
  openFile: ["Open file", "Открыть файл", "打开文件"],
  openSheet: ["Sheet", "Лист", "网格图"],
  close: ["Close (Esc)", "Закрыть (Esc)", "关闭 (Esc)"],
  fullSize: ["Full size (F)", "Полный размер (F)", "原始大小 (F)"],
  changes: ["What changes in this sweep", "Что меняется в переборе", "本次扫描中变化的设置"],
  same: ["The same in every cell", "Одинаково во всех ячейках", "所有单元格都相同的设置"],
  was: ["was", "было", "原为"],
  seconds: ["seconds", "секунды", "秒"],
  batch: ["Picture of the batch", "Картинка пакета №", "批次中的图像"],
  failed: ["failed", "не удалась", "失败"],
  missing: ["missing", "не сделана", "缺失"],
  theme: ["Light or dark", "Светлая или тёмная тема", "切换浅色或深色"],
  help: ["Keys (?)", "Клавиши (?)", "快捷键 (?)"],
  previous: ["Previous", "Назад", "上一个"],
  next: ["Next", "Дальше", "下一个"],
  sheet: ["Sheet of the sweep", "Лист перебора", "扫描网格图"],
  keyArrows: ["walk along columns and rows", "по столбцам и строкам", "沿列和行移动"],
  keyPages: ["walk along pages", "по страницам", "沿页移动"],
  keyEnter: ["open the cell", "открыть ячейку", "打开单元格"],
  keyZoom: ["larger, smaller, whole width", "крупнее, мельче, вся ширина", "放大、缩小、适合宽度"],
  keyStar: ["star, reject", "звезда, отвергнуть", "加星、淘汰"],
  keyCompare: ["compare with another cell", "сравнить с другой ячейкой", "与另一单元格对比"],
  keyCopy: ["copy the recipe", "копировать рецепт", "复制配方"],
  keyFull: ["full size", "полный размер", "原始大小"],
  keyBatch: ["pictures of a batch", "картинки пакета", "同一批次的图像"],
  keyPan: [
    "drag to move, Ctrl + wheel or pinch to zoom",
    "тяните, чтобы двигать; Ctrl + колесо или два пальца — масштаб",
    "拖动以移动，Ctrl + 滚轮或双指捏合以缩放",
  ],
  mouse: ["Mouse, touch", "Мышь, касание", "鼠标、触摸"],
};

/** @typedef {Record<keyof typeof WORDS, string>} Words */

/**
 * @param {string} language one that `languageOf` gives
 * @returns {Words}
 */
export function wordsIn(language) {
  return textsIn(WORDS, language);
}
