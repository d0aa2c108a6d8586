/**
 * Where everything lies on the live sheet, in pixels of the page.
 *
 * Nothing here touches the page.
 *
 * @module periplus/live_sheet/sheet_layout
 */

/** Pixels between neighbouring cells. */
export const GAP = 2;
/** The height of a line of labels. */
export const LINE = 14;
/** The longest side of a cell. */
const MAX_CELL = 128;
/** The share of the width that the labels of the rows may take. */
const MAX_LEFT = 0.25;
/** The most that labels which stand upright may take of the height. */
const MAX_TOP = 96;
/** Pixels between labels and cells. */
export const PADDING = 6;
/** Beyond this height a sheet is drawn smaller, unless there is more room. */
const MAX_HEIGHT = 480;

/**
 * @typedef {object} SheetLayout
 * @property {number} left - Where the cells begin.
 * @property {number} top
 * @property {number} label - The width that the labels of the rows have, left of the cells.
 * @property {number} cellWidth - Without the gap.
 * @property {number} cellHeight
 * @property {boolean} upright - Whether the labels of the columns are turned.
 * @property {number} everyColumn - One label is drawn for so many columns.
 * @property {number} everyRow
 * @property {number} height - Of the whole sheet.
 */

/**
 * @typedef {object} Measures - What a layout depends on.
 * @property {number} columns
 * @property {number} rows
 * @property {number} aspect - Width of a cell divided by its height.
 * @property {number} widestColumn - The widest label of a column; 0 without labels.
 * @property {number} widestRow - The widest label of a row; 0 without labels.
 * @property {boolean} hasNames - Whether the names of the axes take a line.
 */

/**
 * @param {Measures} measures
 * @param {number} width - What there is.
 * @param {number} [room] - The height that there is; without it the sheet takes what it needs.
 * @returns {SheetLayout}
 */
export function layOut(measures, width, room = 0) {
  const flat = arrange(measures, width, Math.max(room, MAX_HEIGHT), false);
  if (measures.widestColumn <= flat.cellWidth) return flat;
  return arrange(measures, width, Math.max(room, MAX_HEIGHT), true);
}

/**
 * @param {Measures} measures
 * @param {number} width
 * @param {number} limit - The most height to take.
 * @param {boolean} upright - Whether the labels of the columns are turned.
 * @returns {SheetLayout}
 */
function arrange(measures, width, limit, upright) {
  const { columns, rows, aspect, widestColumn, widestRow } = measures;
  const labels = widestColumn && (upright ? Math.min(widestColumn, MAX_TOP) : LINE) + PADDING;
  const top = Math.ceil((measures.hasNames ? LINE : 0) + labels);
  const label = Math.min(widestRow, width * MAX_LEFT);
  const gutter = label && label + PADDING;

  const across = (width - gutter) / columns - GAP;
  const down = (limit - top) / rows - GAP;
  const cellWidth = Math.max(Math.min(across, down * aspect, MAX_CELL * Math.min(1, aspect)), 1);
  const cellHeight = Math.max(cellWidth / aspect, 1);
  const spare = width - gutter - columns * (cellWidth + GAP);
  return {
    left: gutter + Math.max(spare, 0) / 2,
    top,
    label,
    cellWidth,
    cellHeight,
    upright,
    everyColumn: upright ? Math.ceil(LINE / (cellWidth + GAP)) : 1,
    everyRow: Math.ceil(LINE / (cellHeight + GAP)),
    height: Math.ceil(top + rows * (cellHeight + GAP)),
  };
}

/**
 * @param {SheetLayout} layout
 * @param {number} x - Of a point, from the left of the sheet.
 * @param {number} y
 * @param {number} columns
 * @param {number} rows
 * @returns {[number, number] | null} The column and row of the cell there.
 */
export function cellAt(layout, x, y, columns, rows) {
  const column = Math.floor((x - layout.left) / (layout.cellWidth + GAP));
  const row = Math.floor((y - layout.top) / (layout.cellHeight + GAP));
  const isInside = column >= 0 && column < columns && row >= 0 && row < rows;
  return isInside ? [column, row] : null;
}
