/**
 * The panel that gives the axes their parts and hides values.
 *
 * @module axes_panel
 */

import { COLUMNS, PAGES, ROWS } from "./arrangement.mjs";
import { focusedIn, make, makeButton } from "./elements.mjs";

/** @typedef {import("./arrangement.mjs").Arrangement} Arrangement */
/** @typedef {import("./words.mjs").Words} Words */

/**
 * Make the panel's content; it makes itself anew when something is chosen.
 *
 * @param {Arrangement} arrangement
 * @param {Words} words
 * @param {() => void} onChange called when the sheet is to be drawn anew
 * @returns {HTMLElement}
 */
export function makeAxesPanel(arrangement, words, onChange) {
  const panel = make("div.axes");
  const changed = () => {
    draw();
    onChange();
  };
  const draw = () => {
    const focused = focusedIn(panel)?.getAttribute("data-name");
    const parts = [COLUMNS, ROWS, PAGES].map((part) =>
      partChoice(arrangement, words, part, changed),
    );
    const swap = makeButton(`⇄ ${words.swap}`, `⇄ ${words.swap}`, () => {
      arrangement.give(COLUMNS, arrangement.order[ROWS]);
      changed();
    });
    swap.dataset.name = "swap";
    const values = arrangement.sweep.axes.flatMap((axis, i) =>
      axis.labels.length > 1 ? [valueChoice(arrangement, i, changed)] : [],
    );
    panel.replaceChildren(make("div.parts", {}, ...parts), swap, ...values);
    const successor = focused && panel.querySelector(`[data-name="${focused}"]`);
    if (successor instanceof HTMLElement) successor.focus();
  };
  draw();
  return panel;
}

/**
 * @param {Arrangement} arrangement
 * @param {Words} words
 * @param {number} part
 * @param {() => void} onChange
 */
function partChoice(arrangement, words, part, onChange) {
  const name = [words.columns, words.rows, words.pages][part];
  const options = arrangement.sweep.axes.map((axis, i) => {
    const text = axis.name || `${words.noAxis} (${"xyz"[i]})`;
    return make("option", { value: i, selected: arrangement.order[part] === i }, text);
  });
  const select = make(
    "select",
    {
      "data-name": `part${part}`,
      change: () => {
        arrangement.give(part, Number(select.value));
        onChange();
      },
    },
    ...options,
  );
  return make("label", {}, make("span", {}, name), select);
}

/**
 * @param {Arrangement} arrangement
 * @param {number} axis
 * @param {() => void} onChange
 */
function valueChoice(arrangement, axis, onChange) {
  const { name, labels } = arrangement.sweep.axes[axis];
  const hidden = arrangement.hidden[axis];
  const isLast = hidden.size === labels.length - 1;
  const boxes = labels.map((text, value) => {
    const box = make("input", {
      type: "checkbox",
      checked: !hidden.has(value),
      disabled: isLast && !hidden.has(value), // something is to be shown
      "data-name": `value${axis}.${value}`,
      change: () => {
        arrangement.setShown(axis, value, box.checked);
        onChange();
      },
    });
    return make("label", {}, box, make("span", {}, text));
  });
  return make("fieldset", {}, make("legend", {}, name), ...boxes);
}
