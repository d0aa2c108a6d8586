/**
 * Where the files of a sweep are, for ComfyUI's page.
 *
 * @module periplus/server/addresses
 */

/** @typedef {import("../live_sheet/sweep_state.js").FileReference} FileReference */

/**
 * @param {FileReference} manifest
 * @param {string} file - Its path relative to the manifest, with forward slashes.
 * @returns {FileReference}
 */
export function fileBeside(manifest, file) {
  const parts = [...manifest.subfolder.split("/"), ...file.split("/")].filter(Boolean);
  const filename = /** @type {string} */ (parts.pop());
  return { filename, subfolder: parts.join("/"), type: manifest.type };
}

/** @param {FileReference} file */
export function viewRoute(file) {
  return `/view?${new URLSearchParams({ ...file })}`;
}

/** @param {FileReference} file */
export function thumbnailRoute(file) {
  return `/periplus/thumbnail?${new URLSearchParams({ ...file })}`;
}

/**
 * @param {FileReference | undefined} a
 * @param {FileReference | undefined} b
 * @returns {boolean} Whether both are the same file.
 */
export function isSame(a, b) {
  return Boolean(a && b) && a.filename === b.filename && a.subfolder === b.subfolder;
}
