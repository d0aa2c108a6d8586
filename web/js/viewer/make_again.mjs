/**
 * Queueing single cells of a sweep.
 *
 * @module periplus/viewer/make_again
 */

/** @typedef {import("../../viewer/sweep.mjs").Cell} Cell */
/** @typedef {import("../../viewer/sweep.mjs").Axis} Axis */

/**
 * Queue the workflow on the page, with nothing changed but which cells its sweep node makes.
 *
 * @param {any} app - ComfyUI's.
 * @param {any} api - ComfyUI's.
 * @param {string} id - Of the sweep node in a prompt.
 * @param {Cell[]} cells
 * @param {Axis[]} axes
 * @throws {Error} In the server's words.
 */
export async function queueCells(app, api, id, cells, axes) {
  const { output, workflow } = await app.graphToPrompt();
  Object.assign(output[id].inputs, {
    only: cells.map(({ place }) => coordinates(place, axes)).join(", "),
    // What is stored is made anew; of what is not, nothing is there that could be kept.
    remake: cells.some(({ pictures }) => pictures.length > 0),
    retry_failed: true,
  });
  try {
    await api.queuePrompt(0, { output, workflow });
  } catch (error) {
    throw new Error(told(error.response));
  }
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
