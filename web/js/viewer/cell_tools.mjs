/**
 * What can be done with a cell only inside ComfyUI: its settings put into nodes, its workflow
 * opened, itself made again.
 *
 * @module periplus/viewer/cell_tools
 */

import { make, makeButton } from "../../viewer/elements.mjs";
import { STAR } from "../../viewer/marks.mjs";
import { openWorkflow } from "../open_workflow.mjs";
import { ask } from "../server/ask.js";
import { queueCells } from "./make_again.mjs";
import { useSettings } from "./use_settings.mjs";
import { fill } from "./words.js";

/** @typedef {import("../../viewer/sweep.mjs").Place} Place */
/** @typedef {import("../../viewer/sweep.mjs").Cell} Cell */

/** Milliseconds that ComfyUI shows a message. */
const LIFE = 8000;

export class CellTools {
  /**
   * @param {import("./window.mjs").ViewerWindow} window
   * @param {import("./words.js").Words} words
   */
  constructor(window, words) {
    this.window = window;
    this.words = words;
    this.manifest = window.manifest;
    /** @type {import("../../viewer/viewer.mjs").Viewer} Set once it is there. */
    this.viewer = /** @type {any} */ (null);
  }

  /** The buttons for a cell. @param {Place} place @returns {HTMLElement[]} */
  ofCell(place) {
    const { use, useHint, workflow, workflowHint, again, againHint } = this.words;
    const cell = this.viewer.sweep.cellAt(place);
    const buttons = [
      titled(makeButton(use, use, () => this.#use(cell)), "use", useHint),
      titled(makeButton(again, again, () => void this.#makeAgain([cell])), "again", againHint),
    ];
    const open = makeButton(workflow, workflow, () => void this.#openWorkflow(cell));
    return cell.recipe ? [buttons[0], titled(open, "workflow", workflowHint), buttons[1]] : [];
  }

  /** The menu of what is to be made again. @returns {HTMLElement} */
  menu() {
    const panel = make("div.panel.buttons");
    const menu = make(
      "details.menu",
      { toggle: () => panel.replaceChildren(...this.#choices()) },
      make("summary.button", {}, this.words.again),
      panel,
    );
    return menu;
  }

  #choices() {
    const { againFailed, againMissing, againStarred } = this.words;
    const { sweep } = this.viewer;
    const all = sweep.places.map((place) => sweep.cellAt(place));
    /** @type {[string, Cell[]][]} */
    const choices = [
      [againFailed, all.filter(({ status }) => status === "failed")],
      [againMissing, all.filter(({ status }) => status === "missing")],
      [againStarred, this.viewer.marked(STAR).map((place) => sweep.cellAt(place))],
    ];
    return choices.map(([text, cells]) => {
      const name = fill(text, cells.length);
      const button = makeButton(name, name, () => void this.#makeAgain(cells));
      button.disabled = cells.length === 0;
      return button;
    });
  }

  /** @param {Cell} cell */
  #use(cell) {
    const { sweep } = this.viewer;
    const { app, sweeps } = this.window;
    const maker = sweeps.makerOf(this.manifest)?.node;
    this.viewer.say(useSettings(app, cell.recipe, maker, sweep, this.words));
  }

  /** @param {Cell} cell */
  async #openWorkflow(cell) {
    const { app, api } = this.window;
    let answer;
    try {
      answer = await ask(api, "workflow", { manifest: this.manifest, cell: cell.place });
    } catch (error) {
      this.viewer.say(error.message);
      return;
    }
    this.window.close();
    if (!(await openWorkflow(app, answer.prompt, answer.title))) return;
    await app.extensionManager.command.execute("Comfy.Canvas.FitView");
    app.extensionManager.toast.add({
      severity: "success",
      summary: this.words.opened,
      detail: [answer.title, ...answer.notes].join("\n"),
      life: LIFE,
    });
  }

  /** @param {Cell[]} cells */
  async #makeAgain(cells) {
    const { app, api, sweeps } = this.window;
    const { manifest, words } = this;
    const maker = sweeps.makerOf(manifest)?.id;
    try {
      await queueCells(app, api, manifest, this.viewer.sweep, cells, maker, words);
      this.viewer.say(fill(words.queued, cells.length));
    } catch (error) {
      this.viewer.say(error.message);
    }
  }
}

/**
 * @param {HTMLElement} button
 * @param {string} name - That it is found by when the detail is drawn anew.
 * @param {string} title
 */
function titled(button, name, title) {
  button.dataset.name = name;
  button.title = title;
  return button;
}
