/**
 * Opening the viewer, by whatever way the user asks for it. The viewer itself is loaded then.
 *
 * @module periplus/viewer/opener
 */

import { SweepsOnPage } from "./sweeps_on_page.js";
import { wordsFor } from "./words.js";

/** @typedef {import("../live_sheet/sweep_state.js").FileReference} FileReference */

export class ViewerOpener {
  /**
   * @param {any} app - ComfyUI's.
   * @param {any} api - ComfyUI's.
   * @param {import("../live_sheet/live_sheets.js").LiveSheets} sheets
   * @param {import("../preview/previews.js").Previews} previews
   */
  constructor(app, api, sheets, previews) {
    this.app = app;
    this.api = api;
    this.sheets = sheets;
    this.sweeps = new SweepsOnPage(app, sheets, previews);
    /** @type {Promise<any> | null} */
    this.window = null;
    sheets.onOpen = (manifest, place) => void this.open(manifest, place);
  }

  /** Open the sweep that the user most likely means, else a list to choose from. */
  openLikely() {
    return this.open(this.sweeps.likely());
  }

  /**
   * @param {FileReference | undefined} manifest - Of the sweep; without it the user chooses.
   * @param {[number, number, number]} [place] - The cell to show at once.
   */
  async open(manifest, place) {
    this.window ??= import("./window.mjs").then(
      ({ ViewerWindow }) => new ViewerWindow(this.app, this.api, this.sweeps, this.sheets),
    );
    const window = await this.window;
    if (manifest) await window.show(manifest, place);
    else await window.choose();
  }

  /**
   * @param {any} node - Any node.
   * @returns {object[]} What its context menu offers.
   */
  menuItems(node) {
    if (!this.sweeps.isAboutSweep(node)) return [];
    const { openSheet } = wordsFor(this.app.extensionManager.setting.get("Comfy.Locale"));
    const open = () => void this.open(this.sweeps.manifestOf(node));
    return [{ content: openSheet, callback: open }];
  }
}
