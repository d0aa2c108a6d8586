/**
 * Queueing single cells of a sweep.
 *
 * @module periplus/viewer/make_again
 */

import { SWEEP_NODES } from "../live_sheet/live_sheets.js";
import { isSame } from "../server/addresses.js";
import { ask } from "../server/ask.js";

/** @typedef {import("../live_sheet/sweep_state.js").FileReference} FileReference */
/** @typedef {import("../../viewer/sweep.mjs").Cell} Cell */
/** @typedef {import("../../viewer/sweep.mjs").Axis} Axis */
/** @typedef {import("../../viewer/sweep.mjs").Sweep} Sweep */

/**
 * Queue the workflow on the page, with nothing changed but which cells its sweep node makes, and
 * with the seed that the sweep had: ComfyUI may have chosen another one since.
 *
 * @param {any} app - ComfyUI's.
 * @param {any} api - ComfyUI's.
 * @param {FileReference} manifest - Of the sweep.
 * @param {Sweep} sweep
 * @param {Cell[]} cells - Of the sweep.
 * @param {string | undefined} maker - The id of the node that this page knows to have made it.
 * @param {import("./words.js").Words} words
 * @throws {Error} What the user is to be told: no node would make this sweep, or a refusal.
 */
export async function queueCells(app, api, manifest, sweep, cells, maker, words) {
  const { output, workflow } = await app.graphToPrompt();
  const changes = {
    only: cells.map(({ place }) => coordinates(place, sweep.axes)).join(", "),
    // What is stored is made anew; of what is not, nothing is there that could be kept.
    remake: cells.some(({ pictures }) => pictures.length > 0),
    retry_failed: true,
  };
  const seed = Object(sweep.cellAt([0, 0, 0]).recipe).seed;
  const changed = Object.fromEntries(
    Object.entries(output)
      .filter(([, { class_type: type }]) => SWEEP_NODES.includes(type))
      .map(([id, node]) => [id, withInputs(node, { ...changes, ...seedFor(node, seed) })]),
  );
  const { nodes } = await ask(api, "preview", { prompt: { ...output, ...changed } });
  const id = idOf(nodes, manifest, maker);
  if (!id) throw new Error(isUnknown(nodes, changed) ? words.notKnown : words.noNode);
  try {
    await api.queuePrompt(0, { output: { ...output, [id]: changed[id] }, workflow });
  } catch (error) {
    throw new Error(told(error.response));
  }
}

/**
 * @param {Record<string, any>} nodes - What the server tells of them.
 * @param {FileReference} manifest
 * @param {string | undefined} maker
 * @returns {string | undefined} The id of the node that makes the sweep.
 */
function idOf(nodes, manifest, maker) {
  const found = Object.keys(nodes).find((id) => isSame(nodes[id].manifest, manifest));
  // Of a sweep that starts from a picture, the server knows its cells only while it runs.
  return found ?? (maker && nodes[maker]?.unknown ? maker : undefined);
}

/**
 * @param {Record<string, any>} nodes - What the server tells of them.
 * @param {Record<string, any>} sweeps - The sweep nodes.
 * @returns {boolean} Whether something must run before it is known what one of them makes.
 */
function isUnknown(nodes, sweeps) {
  return Object.keys(sweeps).some((id) => nodes[id]?.unknown);
}

/**
 * @param {any} node - Of a prompt.
 * @param {object} inputs
 */
function withInputs(node, inputs) {
  return { ...node, inputs: { ...node.inputs, ...inputs } };
}

/**
 * @param {any} node - A sweep node of a prompt.
 * @param {unknown} seed - Of the first cell, from which all others are counted.
 * @returns {object} The input, where the node itself has one and the number is exact.
 */
function seedFor({ inputs }, seed) {
  return Number.isSafeInteger(seed) && typeof inputs.seed === "number" ? { seed } : {};
}

/**
 * @param {[number, number, number]} place
 * @param {Axis[]} axes
 * @returns {string} As the sweep node takes it: "x3 y2".
 */
export function coordinates(place, axes) {
  const used = place.flatMap((at, i) => (axes[i].name ? [`${"xyz"[i]}${at + 1}`] : []));
  return used.join(" ") || "x1";
}

/**
 * @param {any} response - Of a server that has refused a prompt.
 * @returns {string}
 */
function told(response) {
  const nodes = Object.values(response?.node_errors ?? {});
  const details = nodes.flatMap(({ errors }) => errors.map(({ details }) => details));
  return [response?.error?.message, ...details].filter(Boolean).join("\n");
}
