/**
 * Which node of the workflow on the page is about which sweep.
 *
 * @module periplus/viewer/sweeps_on_page
 */

import { SWEEP_NODES } from "../live_sheet/live_sheets.js";
import { nodeAt } from "../node_places.js";
import { isSame } from "../server/addresses.js";

/** @typedef {import("../live_sheet/sweep_state.js").FileReference} FileReference */

/** The nodes that tell of a sweep, and take one. */
const FOLLOWERS = ["PeriplusGridCompose", "PeriplusSaveSweep"];

export class SweepsOnPage {
  /**
   * @param {any} app - ComfyUI's.
   * @param {import("../live_sheet/live_sheets.js").LiveSheets} sheets
   * @param {import("../preview/previews.js").Previews} previews
   */
  constructor(app, sheets, previews) {
    this.app = app;
    this.sheets = sheets;
    this.previews = previews;
  }

  /**
   * @param {any} node - Any node.
   * @returns {boolean} Whether it is one that the viewer opens from.
   */
  isAboutSweep(node) {
    return [...SWEEP_NODES, ...FOLLOWERS].includes(node.comfyClass);
  }

  /**
   * @param {any} node - One that is about a sweep.
   * @returns {FileReference | undefined} The manifest of its sweep, once it has run.
   */
  manifestOf(node) {
    if (!node) return undefined;
    const told =
      this.sheets.manifestOf(node) ??
      this.#output(node)?.periplus?.[0] ??
      this.#foreseen().find((each) => each.node === node)?.manifest;
    if (told) {
      const { filename, subfolder, type } = told;
      return { filename, subfolder, type };
    }
    const slot = node.findInputSlot("sweep");
    return slot < 0 ? undefined : this.manifestOf(node.getInputNode(slot));
  }

  /** @returns {FileReference | undefined} The sweep that the user most likely means. */
  likely() {
    const selected = [...this.app.canvas.selectedItems].filter((item) => this.isAboutSweep(item));
    const told = [...selected, this.sheets.latestNode(), ...this.sweepNodes()];
    return told.map((node) => this.manifestOf(node)).find(Boolean);
  }

  /** @returns {any[]} The sweep nodes of the workflow, but for those in subgraphs. */
  sweepNodes() {
    return this.app.graph.nodes.filter((node) => SWEEP_NODES.includes(node.comfyClass));
  }

  /**
   * @param {FileReference} manifest
   * @returns {{node: any, id: string} | undefined} The node that made it, and its id in a prompt.
   */
  makerOf(manifest) {
    const followed = this.sheets.makerOf(manifest);
    if (followed) return followed;
    const node = this.sweepNodes().find((each) => isSame(this.manifestOf(each), manifest));
    if (node) return { node, id: String(node.id) };
    return this.#foreseen().find((each) => isSame(each.manifest, manifest));
  }

  /** The sweeps that have run before, from any page, and that the workflow as it is would make. */
  #foreseen() {
    return Object.entries(this.previews.entries)
      .filter(([, { manifest }]) => manifest)
      .map(([id, { manifest }]) => ({ id, manifest, node: nodeAt(this.app.graph, id) }));
  }

  /** @param {any} node */
  #output(node) {
    const { nodeOutputs } = this.app;
    return nodeOutputs[`${node.graph?.id}:${node.id}`] ?? nodeOutputs[String(node.id)];
  }
}
