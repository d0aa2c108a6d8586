/**
 * The line on a node that says what its values or its sweep come to, and a button beside it.
 *
 * @module periplus/preview/node_line
 */

import { lineOf } from "./texts.js";

/** Pixels. */
const LINE_HEIGHT = 16;
/** The most lines of text that are shown. */
const MOST_LINES = { axis: 2, sweep: 4 };
/** So many characters are shown where the room is not known yet. */
const USUAL = 100;

export class NodeLine {
  /**
   * @param {import("./words.js").Words} words
   * @param {() => void} onChoose - What the button does.
   * @param {() => void} onResize - Told of another height.
   */
  constructor(words, onChoose, onResize) {
    this.words = words;
    this.onResize = onResize;
    /** @type {any} What the server tells. */
    this.entry = null;
    /** In pixels. */
    this.height = 2 * LINE_HEIGHT;

    this.text = document.createElement("span");
    this.text.className = "periplus-line-text";
    this.text.setAttribute("role", "status");
    // What is tried there would be read aloud in the status.
    this.trial = document.createElement("span");
    this.trial.className = "periplus-line-trial";
    this.trial.setAttribute("aria-hidden", "true");
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.textContent = words.choose;
    this.button.hidden = true;
    this.button.addEventListener("click", onChoose);
    this.element = document.createElement("div");
    this.element.className = "periplus-line";
    this.element.append(this.text, this.trial, this.button);
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  /**
   * @param {any} entry - What the server tells of the node.
   * @param {boolean} hasChoice - Whether there are names to choose from.
   */
  show(entry, hasChoice) {
    this.entry = entry;
    this.button.hidden = !hasChoice;
    this.#draw();
  }

  #draw() {
    const most = MOST_LINES[this.entry.kind === "sweep" ? "sweep" : "axis"];
    this.text.style.setProperty("--periplus-lines", String(most));
    const line = lineOf(this.words, this.entry, (text) => this.#fits(text, most));
    // A screen reader reads a text again that is set again.
    if (this.text.textContent !== line.text) this.text.textContent = line.text;
    this.text.title = line.full;
    this.text.classList.toggle("periplus-line-wrong", line.isWrong);
    const inputs = this.entry.errors.map(({ input }) => input);
    this.element.classList.toggle("periplus-line-wrong-values", inputs.includes("values"));
    const height = this.element.offsetHeight;
    if (height === 0 || height === this.height) return; // 0 while it is not on the page
    this.height = height;
    this.onResize();
  }

  /**
   * @param {string} text
   * @param {number} most - Lines.
   * @returns {boolean}
   */
  #fits(text, most) {
    const width = this.text.clientWidth;
    if (width === 0) return text.length <= USUAL;
    this.trial.style.width = `${width}px`;
    this.trial.textContent = text;
    const isFitting = this.trial.offsetHeight <= most * LINE_HEIGHT;
    this.trial.textContent = "";
    return isFitting;
  }
}
