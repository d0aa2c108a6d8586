/**
 * What the viewer says only inside ComfyUI, in English, Russian and Chinese.
 *
 * @module periplus/viewer/words
 */

import { languageOf, textsIn } from "../../viewer/languages.mjs";

const WORDS = {
  openSheet: ["Open the sheet", "Открыть лист", "打开网格图"],
  viewer: ["Sweep viewer", "Просмотр перебора", "扫描查看器"],
  close: ["Close (Esc)", "Закрыть (Esc)", "关闭 (Esc)"],
  sweeps: ["Sweeps", "Переборы", "扫描列表"],
  otherSweeps: ["Other sweeps", "Другие переборы", "其他扫描"],
  chooseSweep: ["Choose a sweep", "Выберите перебор", "选择一个扫描"],
  noSweeps: [
    "There is no sweep in the output folder yet. Queue a workflow with Sweep KSampler or Sweep " +
      "Graph first.",
    "В папке output пока нет переборов. Сначала запустите рабочий процесс с нодой «Перебор " +
      "KSampler» или «Перебор графа».",
    "输出目录中还没有扫描。请先运行含有“K采样器参数扫描”或“工作流参数扫描”的工作流。",
  ],
  notShown: ["The sweep cannot be shown", "Не удаётся показать перебор", "无法显示该扫描"],

  use: ["Use these settings", "Взять эти настройки", "使用这些设置"],
  useHint: [
    "Put this cell's settings into the sweep node, or into the KSampler that is selected",
    "Перенести настройки ячейки в ноду перебора или в выбранный KSampler",
    "将此单元格的设置填入扫描节点或选中的“K采样器”",
  ],
  used: ["Set in {0}: {1}", "Изменено в {0}: {1}", "已在 {0} 中设置：{1}"],
  usedNothing: [
    "{0} has these settings already",
    "В {0} эти настройки уже стоят",
    "{0} 已经是这些设置",
  ],
  notUsed: ["Not set: {0}", "Не перенесено: {0}", "未能设置：{0}"],
  axesStay: [
    "The axes stay linked and go on to vary: {0}",
    "Оси остаются подключены и по-прежнему меняют: {0}",
    "轴保持连接，仍会改变：{0}",
  ],
  noTarget: [
    "No node to put them into: select a sweep node or a KSampler",
    "Некуда перенести: выберите ноду перебора или KSampler",
    "没有可填入的节点：请选中一个扫描节点或“K采样器”",
  ],

  workflow: ["Open as workflow", "Открыть как рабочий процесс", "作为工作流打开"],
  workflowHint: [
    "Open a plain workflow in a new tab that makes exactly this picture",
    "Открыть в новой вкладке простой рабочий процесс, который делает именно эту картинку",
    "在新标签页中打开一个恰好生成此图像的普通工作流",
  ],
  opened: ["Opened as a workflow", "Открыто как рабочий процесс", "已作为工作流打开"],

  again: ["Make again", "Сделать заново", "重新生成"],
  againHint: [
    "Queue this cell alone, anew",
    "Поставить в очередь заново только эту ячейку",
    "仅将此单元格重新加入队列",
  ],
  againFailed: ["Failed cells ({0})", "Неудавшиеся ячейки ({0})", "失败的单元格（{0}）"],
  againMissing: ["Missing cells ({0})", "Недостающие ячейки ({0})", "缺失的单元格（{0}）"],
  againStarred: ["Starred cells ({0})", "Ячейки со звездой ({0})", "已加星的单元格（{0}）"],
  queued: ["Cells in the queue: {0}", "Ячеек в очереди: {0}", "已加入队列的单元格：{0}"],
  noNode: [
    "No node on the page would make this sweep: open its workflow, with the settings that it had",
    "Ни одна нода на странице не сделает этот перебор: откройте его рабочий процесс с теми же " +
      "настройками",
    "页面上没有节点会生成此扫描：请打开它的工作流，并使用当时的设置",
  ],
  notKnown: [
    "Whether a node on the page makes this sweep shows when it runs: queue the workflow once",
    "Какая нода делает этот перебор, видно только при запуске: запустите рабочий процесс",
    "运行后才能知道页面上的哪个节点生成此扫描：请先运行一次工作流",
  ],
};

/** @typedef {Record<keyof typeof WORDS, string>} Words */

/**
 * @param {string} locale - The page's, such as "zh" or "zh-TW".
 * @returns {Words}
 */
export function wordsFor(locale) {
  return textsIn(WORDS, languageOf(locale));
}

/**
 * @param {string} text - With {0}, {1} and so on.
 * @param {...unknown} values - To stand there.
 * @returns {string}
 */
export function fill(text, ...values) {
  return text.replace(/\{(\d)\}/g, (_, number) => String(values[Number(number)]));
}
