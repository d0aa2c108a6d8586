/**
 * Drawing the live sheet on its canvas.
 *
 * @module periplus/live_sheet/drawing
 */

import { GAP, LINE, PADDING } from "./sheet_layout.js";

/** @typedef {import("./sheet_layout.js").Measures} Measures */
/** @typedef {import("./sheet_layout.js").SheetLayout} SheetLayout */
/** @typedef {import("./pictures.js").Pictures} Pictures */
/** @typedef {import("./sweep_state.js").SweepState} SweepState */

const FONT = "11px Inter, system-ui, sans-serif";
/** Hardly a letter is narrower, in pixels. */
const NARROWEST = 2;
/** Calm colours that can be told apart on dark and light themes, by lightness as well. */
const FAILED = "#c4554d";
const AT_WORK = "#5b8fd0";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {SweepState} state
 * @returns {Measures} What the layout of its sheet depends on.
 */
export function measure(context, state) {
  const { x, y } = state.axes;
  context.font = FONT;
  /** @param {string[]} texts */
  const widest = (texts) =>
    texts.reduce((most, text) => Math.max(most, context.measureText(text).width), 0);
  return {
    columns: x.labels.length,
    rows: y.labels.length,
    aspect: state.aspect ?? 1,
    widestColumn: widest(x.labels),
    widestRow: widest([y.name, ...y.labels]),
    hasNames: Boolean(x.name || y.name),
  };
}

/**
 * Draw a page of the sheet.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {object} shown
 * @param {SweepState} shown.state
 * @param {Pictures} shown.pictures
 * @param {number} shown.page
 * @param {[number, number] | null} shown.selected - Column and row.
 * @param {SheetLayout} layout
 * @param {string} colour - Of the text.
 */
export function drawSheet(context, { state, pictures, page, selected }, layout, colour) {
  context.font = FONT;
  drawLabels(context, state, layout, colour);
  const [columns, rows] = state.shape;
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < columns; x += 1) {
      drawCell(context, state, pictures, boxOf(layout, x, y), [x, y, page], colour);
    }
  }
  if (selected) {
    const [left, top, width, height] = boxOf(layout, ...selected);
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(left, top, width, height);
  }
}

/**
 * @param {SheetLayout} layout
 * @param {number} x - The column.
 * @param {number} y - The row.
 * @returns {[number, number, number, number]} Left, top, width and height of a cell.
 */
function boxOf(layout, x, y) {
  const { left, top, cellWidth, cellHeight } = layout;
  const corner = [left + x * (cellWidth + GAP), top + y * (cellHeight + GAP)];
  return [corner[0], corner[1], cellWidth, cellHeight];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {SweepState} state
 * @param {Pictures} pictures
 * @param {[number, number, number, number]} box
 * @param {[number, number, number]} place
 * @param {string} colour
 */
function drawCell(context, state, pictures, box, place, colour) {
  const cell = state.cell(...place);
  if (cell && pictures.draw(context, cell, box)) return;
  const status = cell?.status ?? "missing";
  if (status === "failed") {
    fill(context, box, FAILED, 0.35);
    drawCross(context, box);
  } else if (state.isAtWork(...place)) {
    fill(context, box, AT_WORK, 0.55);
  } else {
    // A finished one whose picture has not come is fuller than one that is to be made.
    fill(context, box, colour, status === "missing" ? 0.08 : 0.28);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number, number, number]} box
 * @param {string} colour
 * @param {number} alpha
 */
function fill(context, box, colour, alpha) {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fillRect(...box);
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number, number, number]} box
 */
function drawCross(context, [left, top, width, height]) {
  const arm = Math.min(width, height, 28) / 4;
  const [x, y] = [left + width / 2, top + height / 2];
  context.strokeStyle = FAILED;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x + arm, y - arm);
  context.lineTo(x - arm, y + arm);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {SweepState} state
 * @param {SheetLayout} layout
 * @param {string} colour
 */
function drawLabels(context, state, layout, colour) {
  const { x, y } = state.axes;
  const { left, top, cellWidth, cellHeight } = layout;
  const end = left + x.labels.length * (cellWidth + GAP) - GAP;
  context.fillStyle = colour;
  context.textBaseline = "middle";

  context.globalAlpha = 0.65;
  context.textAlign = "center";
  drawText(context, x.name, (left + end) / 2, LINE / 2, end - left);
  context.textAlign = "right";
  drawText(context, y.name, left - PADDING, top - LINE / 2, layout.label);
  context.globalAlpha = 1;

  y.labels.forEach((label, row) => {
    const middle = top + row * (cellHeight + GAP) + cellHeight / 2;
    if (row % layout.everyRow === 0) drawText(context, label, left - PADDING, middle, layout.label);
  });
  x.labels.forEach((label, column) => {
    const middle = left + column * (cellWidth + GAP) + cellWidth / 2;
    if (column % layout.everyColumn === 0) drawColumnLabel(context, label, middle, layout);
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} label
 * @param {number} middle
 * @param {SheetLayout} layout
 */
function drawColumnLabel(context, label, middle, layout) {
  context.save();
  if (layout.upright) {
    context.translate(middle, layout.top - 4);
    context.rotate(-Math.PI / 2);
    context.textAlign = "left";
    drawText(context, label, 0, 0, layout.top - LINE - 6);
  } else {
    context.textAlign = "center";
    drawText(context, label, middle, layout.top - LINE / 2 - 2, layout.cellWidth);
  }
  context.restore();
}

/**
 * Draw a text, shortened with an ellipsis where it is too wide.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {number} width
 */
function drawText(context, text, x, y, width) {
  let shown = text.slice(0, Math.ceil(width / NARROWEST)); // measuring long texts takes its time
  while (shown.length > 1 && context.measureText(shown).width > width) {
    shown = `${shown.slice(0, -2).trimEnd()}…`;
  }
  context.fillText(shown, x, y);
}
