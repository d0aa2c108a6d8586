/**
 * Room for what the pack shows in nodes. A node grows for it, but is saved with the height that it
 * would have without: else the growth would be a change of the workflow, which ComfyUI's undo takes
 * back, only to find it made again.
 *
 * @module periplus/node_heights
 */

/** @type {WeakMap<any, {own: number, grown: number}>} Heights of nodes that have grown. */
const heights = new WeakMap();

/** @param {any} node - A new one. */
export function keepHeight(node) {
  const { onSerialize } = node;
  node.onSerialize = (data) => {
    onSerialize?.call(node, data);
    data.size = [data.size[0], ownHeight(node)];
  };
}

/**
 * Change what a node shows, and make the node as high as that needs.
 *
 * @param {any} node
 * @param {() => void} change
 */
export function changeHeight(node, change) {
  const before = node.computeSize()[1];
  const isGrown = heights.get(node)?.grown === node.size[1];
  change();
  const least = node.computeSize()[1];
  // Where the height is another one since, the user chose it with what goes now.
  const gone = isGrown ? 0 : Math.max(before - least, 0);
  const own = ownHeight(node) - gone;
  const height = Math.max(own, least);
  if (height !== node.size[1]) node.setSize([node.size[0], height]);
  heights.set(node, { own, grown: node.size[1] });
}

/**
 * @param {any} node
 * @returns {number} Its height but for what it has grown.
 */
function ownHeight(node) {
  const known = heights.get(node);
  return known?.grown === node.size[1] ? known.own : node.size[1];
}
