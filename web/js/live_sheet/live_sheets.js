/**
 * The live sheets of a page: follows the sweeps that it queued, and shows each on its node.
 *
 * @module periplus/live_sheet/live_sheets
 */

import { changeHeight } from "../node_heights.js";
import { NodePlaces, nodeAt } from "../node_places.js";
import { fileBeside, isSame, viewRoute } from "../server/addresses.js";
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
/** The nodes that make sweeps, and show their sheets. */
export const SWEEP_NODES = ["PeriplusSweepKSampler", "PeriplusSweepGraph"];
const WIDGET = "periplus_live_sheet";
/** Pixels around the widget's element in its node. */
const MARGIN = 10;

/**
 * @typedef {object} Followed - A sweep that this page follows.
 * @property {unknown} workflow - The id of the workflow that it was queued from.
 * @property {SweepState} state
 * @property {Pictures} pictures
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
    /**
     * Called when the user asks for the whole sheet, perhaps at a cell.
     * @type {(manifest: FileReference, place?: [number, number, number]) => void}
     */
    this.onOpen = () => {};
    /** @type {Map<string, Followed>} By workflow and node, the latest last. */
    this.followed = new Map();
    /** @type {NodePlaces<SheetView>} */
    this.places = new NodePlaces(app, WIDGET, MARGIN);
    /** @type {(node: any) => void} Told of each change of a sheet. */
    this.onChange = () => {};
  }

  /** Hear of sweeps from now on. The page warns of messages that nothing listens to. */
  listen() {
    this.api.addEventListener("periplus.sweep", ({ detail }) => void this.#onSweep(detail));
    this.api.addEventListener("periplus.cell", ({ detail }) => this.#onCell(detail));
    this.api.addEventListener("periplus.work", ({ detail }) => this.#onWork(detail));
    for (const end of ENDS) this.api.addEventListener(end, () => this.#onEnd());
    this.api.addEventListener("reconnected", () => void this.#catchUp());
    // ComfyUI changes the colours of a page by its root's and its body's classes and styles.
    const recolouring = new MutationObserver(() => this.followed.forEach((followed) => this.#update(followed)));
    for (const root of [document.documentElement, document.body]) {
      recolouring.observe(root, { attributeFilter: ["class", "style"] });
    }
  }

  /** Find the sweeps again that this tab followed before it was reloaded. */
  async restore() {
    const remembered = JSON.parse(sessionStorage.getItem(MEMORY) ?? "[]");
    await Promise.all(remembered.map((sweep) => this.#read(sweep)));
  }

  /** Learn what was told while nobody heard it; the server may be another one since. */
  async #catchUp() {
    const followed = [...this.followed.values()];
    for (const { state, pictures } of followed) {
      state.loseSight();
      pictures.retry();
    }
    await Promise.all(
      followed.map(({ workflow, state: { node, manifest } }) =>
        this.#read({ workflow, node, manifest }),
      ),
    );
  }

  /**
   * Give a sweep node a place for its sheet, which takes no room yet.
   *
   * @param {any} node - Any node that is new.
   */
  addPlace(node) {
    if (!SWEEP_NODES.includes(node.comfyClass)) return;
    const view = () => this.places.of(node)?.view;
    this.places.add(node, {
      least: () => view()?.heightAt(node.size[0] - 2 * MARGIN) ?? 0,
      most: () => (view() ? undefined : 0),
    });
  }

  /**
   * @param {any} node
   * @returns {{isRunning: boolean, shown?: FileReference}} Whether its sweep runs now, and the
   *   manifest of the sweep whose sheet it shows.
   */
  standingOf(node) {
    const state = this.#followedOn(node)?.state;
    const isShown = Boolean(this.places.of(node)?.view);
    return { isRunning: Boolean(state?.isRunning), shown: isShown ? state?.manifest : undefined };
  }

  /**
   * @param {any} node
   * @returns {FileReference | undefined} The manifest of the sweep that is shown on the node.
   */
  manifestOf(node) {
    return this.#followedOn(node)?.state.manifest;
  }

  /** @returns {any} Of the workflow on the page the sweep node that was heard of last. */
  latestNode() {
    return this.#latestFirst().map((followed) => this.#nodeOf(followed)).find(Boolean);
  }

  /**
   * @param {FileReference} manifest
   * @returns {{node: any, id: string} | undefined} The node of the workflow on the page that made
   *   this sweep, and its execution id.
   */
  makerOf(manifest) {
    const followed = this.#latestFirst().find(
      (each) => isSame(each.state.manifest, manifest) && this.#nodeOf(each),
    );
    return followed && { node: this.#nodeOf(followed), id: followed.state.node };
  }

  /**
   * @param {{workflow: unknown, node: string}} told - What a message is about.
   * @returns {SweepState | undefined} What is known of that sweep.
   */
  stateOf(told) {
    return this.followed.get(keyOf(told))?.state;
  }

  /**
   * @param {FileReference} manifest
   * @returns {SweepState | undefined} What is known of the sweep that was heard of last there.
   */
  stateOfSweep(manifest) {
    return this.#latestFirst().find(({ state }) => isSame(state.manifest, manifest))?.state;
  }

  /** @param {any} node */
  #followedOn(node) {
    return this.#latestFirst().find((followed) => this.#nodeOf(followed) === node);
  }

  #latestFirst() {
    return [...this.followed.values()].reverse();
  }

  /** Put every sheet on its node, where the workflow on the page has it. */
  attach() {
    for (const followed of this.followed.values()) this.#attach(followed);
  }

  /** @param {boolean} isShown - Whether the user wants to see the sheets. */
  show(isShown) {
    this.isShown = isShown;
    this.attach();
  }

  /** @param {any} told - See periplus/host/record.py. */
  async #onSweep(told) {
    const known = this.followed.get(keyOf(told));
    if (told.axes) this.#follow(told, new SweepState(told.node, told.manifest, told.axes));
    else if (!known || !isSame(known.state.manifest, told.manifest)) await this.#read(told);
    else if (differ(known.state.counts, told.counts)) await this.#read(told);
    this.#change(told, (state) => {
      state.forecast = told.forecast;
      if (RUNNING.includes(told.state)) state.isRunning = true;
      else state.stop(told.state !== "done");
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
    for (const followed of this.followed.values()) {
      followed.state.stop();
      this.#update(followed);
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
    this.#update(followed);
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
    const { axes, cells, forecast = [], state: standing } = await answer.json();
    const known = this.followed.get(keyOf(sweep));
    const isKnown = known && isSame(known.state.manifest, manifest);
    const state = isKnown ? known.state : new SweepState(node, manifest, axes);
    state.setAll(cells);
    state.forecast = forecast;
    // One that runs says so itself; the record of one that was killed says so for ever.
    if (!RUNNING.includes(standing)) state.stop(standing !== "done");
    if (isKnown) this.#update(known);
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
    followed.pictures.onDrawn = () => this.#update(followed);
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
    const node = this.#nodeOf(followed);
    const place = this.places.of(node);
    if (!place) return;
    const locale = this.app.extensionManager.setting.get("Comfy.Locale");
    const { state, pictures } = followed;
    const open = (place) => this.onOpen(state.manifest, place);
    changeHeight(node, () => {
      place.view = this.isShown ? new SheetView(state, pictures, wordsFor(locale), open) : null;
      place.element.replaceChildren(...(place.view ? [place.view.element] : []));
    });
    this.onChange(node);
  }

  /**
   * @param {Followed} followed
   * @returns {any} Its node, if the workflow on the page has it.
   */
  #nodeOf({ workflow, state }) {
    if (workflow !== this.app.graph.id) return undefined;
    return nodeAt(this.app.graph, state.node);
  }

  /** @param {Followed} followed */
  #update(followed) {
    const node = this.#nodeOf(followed);
    const view = this.places.of(node)?.view;
    // The first picture tells how high the cells are.
    if (view) changeHeight(node, () => view.update());
    if (node) this.onChange(node);
  }

  /**
   * @param {SweepState} state
   * @param {string} file
   * @returns {string} Where a file beside the manifest is.
   */
  #addressOf({ manifest }, file) {
    return this.api.apiURL(viewRoute(fileBeside(manifest, file)));
  }
}

/**
 * @param {{workflow: unknown, node: string}} sweep
 * @returns {string}
 */
function keyOf({ workflow, node }) {
  return `${workflow} ${node}`;
}

/**
 * @param {Record<string, number>} ours
 * @param {Record<string, number>} theirs
 * @returns {boolean}
 */
function differ(ours, theirs) {
  return Object.entries(theirs).some(([status, count]) => ours[status] !== count);
}
