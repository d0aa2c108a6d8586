/**
 * The lines on the nodes of a workflow: each says what the server knows of its node.
 *
 * @module periplus/preview/lines
 */

import { changeHeight } from "../node_heights.js";
import { NodePlaces, nodeAt } from "../node_places.js";
import { isSame } from "../server/addresses.js";
import { NodeLine } from "./node_line.js";
import { leadsToMistake } from "./texts.js";
import { wordsFor } from "./words.js";

const WIDGET = "periplus_line";
/** Pixels around the line in its node. */
const MARGIN = 5;

/** The nodes that have a line: the last two only one that tells of a mistake. */
const NODES = /^Periplus(Axis.+|SweepKSampler|SweepGraph|Refiner|HiresFix)$/;

/** Axes whose values are names out of a list. That of an input may be one. */
const NAMES = /^PeriplusAxis(Sampler|Scheduler|SamplerScheduler|Checkpoint|VAE|Refiner|Upscaler|Lora)$/;
const INPUT = "PeriplusAxisInput";

/**
 * @param {string} type
 * @returns {boolean} Whether nodes of this type have a line.
 */
export function hasLine(type) {
  return NODES.test(type);
}

export class Lines {
  /**
   * @param {any} app - ComfyUI's.
   * @param {(node: any) => {isRunning: boolean, shown?: object}} standingOf - Whether the sweep of
   *   a node runs now, and the manifest of the sweep whose sheet the node shows.
   * @param {(id: string, button: () => HTMLElement | undefined) => void} onChoose - Opens the
   *   names of a node; gets its id in the prompt, and what gives its button.
   */
  constructor(app, standingOf, onChoose) {
    this.app = app;
    this.standingOf = standingOf;
    this.onChoose = onChoose;
    /** @type {NodePlaces<NodeLine>} */
    this.places = new NodePlaces(app, WIDGET, MARGIN);
    /** @type {Map<any, {id: string, entry: any}>} What is shown, by node. */
    this.told = new Map();
  }

  /** @param {any} node - Any node that is new. */
  addPlace(node) {
    if (!hasLine(node.comfyClass)) return;
    const view = () => this.places.of(node)?.view;
    const height = () => (view() ? view().height + 2 * MARGIN : 0);
    this.places.add(node, { least: height, most: height });
  }

  /**
   * @param {Record<string, any>} entries - The server's, by the id of the node in the prompt.
   * @param {Record<string, any>} prompt
   */
  show(entries, prompt) {
    const before = [...this.told.keys()];
    this.told.clear();
    for (const [id, entry] of Object.entries(entries)) {
      const node = nodeAt(this.app.graph, id);
      const isHeldUp = leadsToMistake(entries, prompt, id);
      if (node) this.told.set(node, { id, entry: { ...entry, isHeldUp } });
    }
    for (const node of new Set([...before, ...this.told.keys()])) this.update(node);
  }

  /** @param {any} node - Whose sheet tells of a sweep now, or no more. */
  update(node) {
    const place = this.places.of(node);
    if (!place) return;
    const { isRunning, shown } = this.standingOf(node);
    if (isRunning) this.told.delete(node); // it will be another one when the sweep has ended
    const told = this.told.get(node);
    const isOnSheet = Boolean(told) && isSame(told.entry.manifest, shown);
    const isShown = told && tellsMore(told.entry, isOnSheet);
    changeHeight(node, () => {
      place.view = isShown ? (place.view ?? this.#makeLine(node)) : null;
      if (!place.view) return place.element.replaceChildren();
      if (!place.element.contains(place.view.element)) {
        place.element.replaceChildren(place.view.element);
      }
      place.view.show({ ...told.entry, isOnSheet }, canChoose(node, told.entry));
    });
    for (const widget of node.widgets) {
      const isWrong = told?.entry.errors.some(({ input }) => input === widget.name);
      // Where Vue draws the node, the style sheet marks its text instead.
      widget.element?.classList.toggle("periplus-wrong", Boolean(isWrong));
    }
  }

  /**
   * @param {any} node
   * @returns {NodeLine}
   */
  #makeLine(node) {
    const words = wordsFor(this.app.extensionManager.setting.get("Comfy.Locale"));
    const choose = () => {
      const { id } = this.told.get(node);
      this.onChoose(id, () => this.places.of(nodeAt(this.app.graph, id))?.view?.button);
    };
    const resize = () => changeHeight(node, () => this.app.canvas.setDirty(true, true));
    return new NodeLine(words, choose, resize);
  }
}

/**
 * @param {any} entry
 * @param {boolean} isOnSheet - Whether the node shows the sheet of the very sweep.
 * @returns {boolean} Whether there is anything to say of the node.
 */
function tellsMore({ kind, errors, making }, isOnSheet) {
  if (errors.length > 0) return true;
  return kind !== "pass" && !(isOnSheet && making === 0);
}

/**
 * @param {any} node
 * @param {any} entry
 * @returns {boolean} Whether there are names to choose from, and a text to write them into.
 */
function canChoose(node, entry) {
  const isOfNames = NAMES.test(node.comfyClass) || (node.comfyClass === INPUT && entry.items.length > 0);
  const slot = node.inputs.findIndex(({ name }) => name === "values");
  return isOfNames && (slot < 0 || !node.isInputConnected(slot));
}
