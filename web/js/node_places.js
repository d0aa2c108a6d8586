/**
 * Places in nodes for what the pack shows there: elements that are no setting of the node, and so
 * are saved in no workflow and no prompt.
 *
 * @module periplus/node_places
 */

import { keepHeight } from "./node_heights.js";

/**
 * @template T
 * @typedef {object} Place
 * @property {HTMLElement} element - To be filled.
 * @property {T | null} view - What fills it; null for nothing.
 */

/**
 * @typedef {object} Heights - In pixels.
 * @property {() => number} least
 * @property {() => number | undefined} most - Undefined takes all that is left.
 */

/** @template T - What is shown there. */
export class NodePlaces {
  /**
   * @param {any} app - ComfyUI's.
   * @param {string} name - Of the widget, which no input of these nodes has.
   * @param {number} margin - Pixels around the element in its node.
   */
  constructor(app, name, margin) {
    this.app = app;
    this.name = name;
    this.margin = margin;
    /** @type {Map<string, HTMLElement>} By the id of the node. */
    this.elements = new Map();
    /** @type {WeakMap<object, Place<T>>} By node. */
    this.places = new WeakMap();
  }

  /**
   * @param {any} node
   * @returns {Place<T> | undefined}
   */
  of(node) {
    return this.places.get(node);
  }

  /**
   * Give a new node a place.
   *
   * Now and not when there is something to show: where Vue draws a node, a later widget does not
   * show.
   *
   * @param {any} node
   * @param {Heights} heights
   */
  add(node, heights) {
    /** @type {Place<T>} */
    const place = { element: this.#makeElement(), view: null };
    this.places.set(node, place);
    const widget = node.addDOMWidget(this.name, this.name, place.element, {
      serialize: false,
      hideOnZoom: false,
      margin: this.margin,
      getMinHeight: heights.least,
      getMaxHeight: heights.most,
    });
    widget.serialize = false; // of the workflow; the option above is of the prompt
    keepHeight(node);
    const { onAdded, onRemoved } = node;
    node.onAdded = (...args) => {
      onAdded?.apply(node, args);
      // Where Vue draws nodes, one of another workflow with the same id takes over its elements.
      // A node in a subgraph may have the id of one outside of it.
      const { isRootGraph, id: graph } = node.graph;
      const id = isRootGraph ? String(node.id) : `${graph}:${node.id}`;
      place.element = this.elements.get(id) ?? place.element;
      place.element.replaceChildren();
      widget.element = place.element;
      this.elements.set(id, place.element);
    };
    node.onRemoved = (...args) => {
      onRemoved?.apply(node, args);
      place.element.replaceChildren();
      place.view = null;
    };
  }

  /** @returns {HTMLElement} */
  #makeElement() {
    const element = document.createElement("div");
    element.className = "periplus-place";
    // Else the view would not zoom with the pointer on the element. Vue's nodes see to that.
    element.addEventListener("wheel", (event) => {
      if (!globalThis.LiteGraph.vueNodesMode) this.app.canvas.processMouseWheel(event);
    });
    return element;
  }
}

/**
 * @param {any} graph - The root graph.
 * @param {string} id - As in a prompt: "1:2" is node 2 of the subgraph that node 1 stands for.
 * @returns {any} The node, if the graph has it.
 */
export function nodeAt(graph, id) {
  const [last, ...outer] = id.split(":").reverse();
  for (const one of outer.reverse()) graph = graph?.getNodeById(one)?.subgraph;
  return graph?.getNodeById(last);
}
