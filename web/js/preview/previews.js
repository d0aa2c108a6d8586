/**
 * Asking the server what the workflow on the page would come to, whenever it changes.
 *
 * @module periplus/preview/previews
 */

import { ask } from "../server/ask.js";

/** So long nothing must change before it is asked. */
const QUIET_MILLISECONDS = 300;
/**
 * ComfyUI's event tells of most changes, but of a text only once it is left, and of a choice in a
 * Vue node only with the next click. The server is asked only where the prompt is another one.
 */
const HINTS = ["input", "pointerup", "keyup"];
/** After these messages, other cells may be stored, and after the last, the server be another. */
const NEWS = ["execution_success", "execution_error", "execution_interrupted", "reconnected"];

export class Previews {
  /**
   * @param {any} app - ComfyUI's.
   * @param {any} api - ComfyUI's.
   * @param {(type: string) => boolean} isOurs - Whether a preview tells of nodes of this type.
   */
  constructor(app, api, isOurs) {
    this.app = app;
    this.api = api;
    this.isOurs = isOurs;
    /** @type {Set<() => void>} Called when more is known. */
    this.listeners = new Set();
    /** @type {Record<string, any>} What is known, by node. */
    this.entries = {};
    /** @type {Record<string, any>} The prompt that it is known of. */
    this.prompt = {};
    this.asked = "";
    this.timer = 0;
    /** @type {AbortController | null} While a question is under way. */
    this.asking = null;
  }

  listen() {
    this.api.addEventListener("graphChanged", () => this.changed());
    for (const hint of HINTS) document.addEventListener(hint, () => this.changed(), true);
    for (const news of NEWS) this.api.addEventListener(news, () => this.outdated());
  }

  /** Ask again, though the prompt may be the same. */
  outdated() {
    this.asked = "";
    this.changed();
  }

  /** Ask soon, if the prompt is another one then. */
  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#ask(), QUIET_MILLISECONDS);
  }

  async #ask() {
    const nodes = nodesOf(this.app.graph);
    if (nodes.some(makesFiles) || !nodes.some(({ comfyClass }) => this.isOurs(comfyClass))) {
      this.asking?.abort();
      this.asked = "";
      return this.#know({}, {});
    }
    // One at a time; at its end it is looked whether the prompt has changed meanwhile.
    if (this.asking) return;
    const asking = (this.asking = new AbortController());
    try {
      await this.#askAbout((await this.app.graphToPrompt()).output, asking.signal);
    } finally {
      this.asking = null;
    }
  }

  /**
   * @param {object} prompt
   * @param {AbortSignal} signal
   */
  async #askAbout(prompt, signal) {
    const asked = JSON.stringify(prompt);
    if (asked === this.asked || signal.aborted) return;
    this.asked = asked;
    const answer = await ask(this.api, "preview", { prompt }, signal).catch(
      () => null, // given up, refused, or no server: there is nothing to show then
    );
    if (signal.aborted) return;
    this.#know(answer?.nodes ?? {}, prompt);
    this.changed();
  }

  /**
   * @param {Record<string, any>} entries
   * @param {Record<string, any>} prompt
   */
  #know(entries, prompt) {
    this.entries = entries;
    this.prompt = prompt;
    for (const listener of this.listeners) listener();
  }
}

/**
 * @param {any} graph
 * @returns {any[]} Its nodes, and those of its subgraphs.
 */
function nodesOf(graph) {
  const inner = [...(graph.subgraphs?.values() ?? [])];
  return [graph, ...inner].flatMap(({ nodes }) => nodes);
}

/**
 * @param {any} node
 * @returns {boolean} Whether the making of a prompt would make it record or upload something.
 */
function makesFiles(node) {
  const { widgets = [] } = node;
  return widgets.some(({ serializeValue }) => serializeValue?.constructor.name === "AsyncFunction");
}
