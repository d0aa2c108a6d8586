/**
 * The live sheets of a page: follows the sweeps that it queued, and shows each on its node.
 *
 * @module periplus/live_sheet/live_sheets
 */

import { Pictures } from "./pictures.js";
import { SheetView } from "./sheet_view.js";
import { SweepState } from "./sweep_state.js";
import { wordsFor } from "./words.js";

/** @typedef {import("./sweep_state.js").FileReference} FileReference */

/** So many sweeps are kept; more would fill the page's memory with pictures. */
const KEPT = 8;
/** Where the tab keeps what it has followed, so that a reloaded page finds it again. */
const MEMORY = "periplus.sweeps";
/** States of a sweep that goes on. A graph sweep counts as unfinished until its end. */
const RUNNING = ["running", "unfinished"];
/** ComfyUI's messages that tell of a prompt's end. */
const ENDS = ["execution_success", "execution_error", "execution_interrupted"];
const WIDGET = "periplus_live_sheet";
/** Pixels around the element in its node. */
const MARGIN = 10;

/**
 * @typedef {object} Followed - A sweep that this page follows.
 * @property {unknown} workflow - The id of the workflow that it was queued from.
 * @property {SweepState} state
 * @property {Pictures} pictures
 * @property {SheetView} [view] - Where its node is on the page.
 */

export class LiveSheets {
  /**
   * @param {any} app - ComfyUI's.
   * @param {any} api - ComfyUI's.
   */
  constructor(app, api) {
    this.app = app;
    this.api = api;
    this.isShown = true;
    /** @type {Map<string, Followed>} By workflow and node, the latest last. */
    this.followed = new Map();
  }

  /** Hear of sweeps from now on. The page warns of messages that nothing listens to. */
  listen() {
    this.api.addEventListener("periplus.sweep", ({ detail }) => void this.#onSweep(detail));
    this.api.addEventListener("periplus.cell", ({ detail }) => this.#onCell(detail));
    this.api.addEventListener("periplus.work", ({ detail }) => this.#onWork(detail));
    for (const end of ENDS) this.api.addEventListener(end, () => this.#onEnd());
  }

  /** Find the sweeps again that this tab followed before it was reloaded. */
  async restore() {
    const remembered = JSON.parse(sessionStorage.getItem(MEMORY) ?? "[]");
    await Promise.all(remembered.map((sweep) => this.#read(sweep)));
  }

  /** Put every sheet on its node, where the workflow on the page has it. */
  attach() {
    for (const followed of this.followed.values()) this.#attach(followed);
  }

  /** @param {boolean} isShown - Whether the user wants to see the sheets. */
  show(isShown) {
    this.isShown = isShown;
    if (isShown) this.attach();
    else for (const { state } of this.followed.values()) this.#hide(this.#node(state.node));
  }

  /** @param {any} told - See periplus/host/record.py. */
  async #onSweep(told) {
    const known = this.followed.get(keyOf(told));
    if (told.axes) this.#follow(told, new SweepState(told.node, told.manifest, told.axes));
    else if (!known || !isSame(known.state.manifest, told.manifest)) await this.#read(told);
    else if (differ(known.state.counts, told.counts)) await this.#read(told);
    this.#change(told, (state) => {
      if (RUNNING.includes(told.state)) state.isRunning = true;
      else state.stop();
    });
  }

  /** @param {any} told */
  #onCell(told) {
    this.#change(told, (state, pictures) => {
      state.isRunning = true;
      state.setCell(told, performance.now());
      if (told.thumbnail) pictures.want(state, told);
    });
  }

  /** @param {any} told */
  #onWork(told) {
    this.#change(told, (state) => {
      state.isRunning = true;
      state.setWork(told.cells);
    });
  }

  #onEnd() {
    for (const { state, view } of this.followed.values()) {
      state.stop();
      view?.update();
    }
  }

  /**
   * @param {any} told
   * @param {(state: SweepState, pictures: Pictures) => void} change
   */
  #change(told, change) {
    const followed = this.followed.get(keyOf(told));
    if (!followed) return;
    change(followed.state, followed.pictures);
    followed.view?.update();
  }

  /**
   * Take what the manifest on disk says of a sweep; one that is gone is forgotten.
   *
   * @param {{workflow: unknown, node: string, manifest: FileReference}} sweep
   */
  async #read(sweep) {
    const { workflow, node, manifest } = sweep;
    const answer = await this.api.fetchApi(viewRoute(manifest), { cache: "no-store" });
    if (!answer.ok) return;
    const { axes, cells } = await answer.json();
    const known = this.followed.get(keyOf(sweep));
    const isKnown = known && isSame(known.state.manifest, manifest);
    const state = isKnown ? known.state : new SweepState(node, manifest, axes);
    state.setAll(cells);
    if (isKnown) known.view?.update();
    else this.#follow({ workflow, node, manifest }, state);
  }

  /**
   * @param {any} told
   * @param {SweepState} state
   */
  #follow(told, state) {
    const key = keyOf(told);
    const before = this.followed.get(key);
    // The same sweep has the same pictures.
    const isSameSweep = before && isSame(before.state.manifest, state.manifest);
    /** @type {Followed} */
    const followed = {
      workflow: told.workflow,
      state,
      pictures: isSameSweep ? before.pictures : new Pictures((file) => this.#addressOf(state, file)),
    };
    followed.pictures.onDrawn = () => followed.view?.update();
    this.followed.delete(key);
    this.followed.set(key, followed);
    while (this.followed.size > KEPT) this.followed.delete([...this.followed.keys()][0]);
    this.#remember();
    this.#attach(followed);
  }

  #remember() {
    const sweeps = [...this.followed.values()].map(({ workflow, state }) => ({
      workflow,
      node: state.node,
      manifest: state.manifest,
    }));
    sessionStorage.setItem(MEMORY, JSON.stringify(sweeps));
  }

  /** @param {Followed} followed */
  #attach(followed) {
    const { workflow, state, pictures } = followed;
    const isOfPage = workflow === null || workflow === this.app.graph.id;
    const node = isOfPage ? this.#node(state.node) : null;
    if (!this.isShown || !node) return;
    this.#detach(node);
    const locale = this.app.extensionManager.setting.get("Comfy.Locale");
    const view = new SheetView(state, pictures, wordsFor(locale));
    followed.view = view;
    const widget = node.addDOMWidget(WIDGET, WIDGET, view.element, {
      serialize: false,
      hideOnZoom: false,
      margin: MARGIN,
      getMinHeight: () => view.heightAt(node.size[0] - 2 * MARGIN) + 2 * MARGIN,
    });
    widget.serialize = false;
    const onRemove = widget.onRemove;
    widget.onRemove = () => {
      onRemove?.call(widget);
      view.dispose();
    };
    view.update();
    fit(node);
  }

  /** @param {any} node */
  #detach(node) {
    const widget = sheetOf(node);
    if (widget) node.removeWidget(widget);
  }

  /**
   * Take a sheet off its node, and give back the room.
   *
   * @param {any} node
   */
  #hide(node) {
    const height = sheetOf(node)?.computedHeight ?? 0;
    this.#detach(node);
    if (node) fit(node, node.size[1] - height);
  }

  /**
   * @param {string} executionId - Such as "7", or "3:7" for a node of the subgraph in node 3.
   * @returns {any} The node, if the workflow on the page has it.
   */
  #node(executionId) {
    const [last, ...outer] = executionId.split(":").reverse();
    let graph = this.app.graph;
    for (const id of outer.reverse()) graph = graph?.getNodeById(id)?.subgraph;
    return graph?.getNodeById(last);
  }

  /**
   * @param {SweepState} state
   * @param {string} file
   * @returns {string} Where a file beside the manifest is.
   */
  #addressOf({ manifest }, file) {
    const parts = [manifest.subfolder, ...file.split("/")].filter(Boolean);
    const filename = /** @type {string} */ (parts.pop());
    const reference = { filename, subfolder: parts.join("/"), type: manifest.type };
    return this.api.apiURL(viewRoute(reference));
  }
}

/**
 * @param {any} node
 * @returns {any} The widget of the sheet on a node.
 */
function sheetOf(node) {
  return node?.widgets?.find(({ name }) => name === WIDGET);
}

/**
 * Make a node as high as it should be, or has to be.
 *
 * @param {any} node
 * @param {number} [height]
 */
function fit(node, height = node.size[1]) {
  node.setSize([node.size[0], Math.max(height, node.computeSize()[1])]);
}

/**
 * @param {FileReference} reference
 * @returns {string}
 */
function viewRoute(reference) {
  return `/view?${new URLSearchParams({ ...reference })}`;
}

/**
 * @param {{workflow: unknown, node: string}} sweep
 * @returns {string}
 */
function keyOf({ workflow, node }) {
  return `${workflow} ${node}`;
}

/**
 * @param {FileReference} a
 * @param {FileReference} b
 * @returns {boolean}
 */
function isSame(a, b) {
  return a.filename === b.filename && a.subfolder === b.subfolder;
}

/**
 * @param {Record<string, number>} ours
 * @param {Record<string, number>} theirs
 * @returns {boolean}
 */
function differ(ours, theirs) {
  return Object.entries(theirs).some(([status, count]) => ours[status] !== count);
}
