/**
 * The line on a node that says what its values or its sweep come to, and a button beside it.
 *
 * @module periplus/preview/node_line
 */

import { lineOf, NOTHING } from "./texts.js";

/** Pixels. */
export const LINE_HEIGHT = 16;
/** So many characters are shown where the room is not known yet. */
const USUAL = 100;

export class NodeLine {
  /**
   * @param {import("./words.js").Words} words
   * @param {number} lines - The room for the text, in lines.
   * @param {() => void} onChoose - What the button does.
   */
  constructor(words, lines, onChoose) {
    this.words = words;
    /** @type {any} What the server tells; null while it tells nothing. */
    this.entry = null;

    this.text = document.createElement("span");
    this.text.className = "periplus-line-text";
    this.text.setAttribute("role", "status");
    this.text.style.setProperty("--periplus-lines", String(lines));
    // What is tried there would be read aloud in the status.
    this.trial = document.createElement("span");
    this.trial.className = "periplus-line-trial";
    this.trial.setAttribute("aria-hidden", "true");
    this.height = lines * LINE_HEIGHT;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.textContent = words.choose;
    this.button.hidden = true;
    this.button.addEventListener("click", onChoose);
    this.element = document.createElement("div");
    this.element.className = "periplus-line";
    this.element.style.height = `${this.height}px`;
    this.element.append(this.text, this.trial, this.button);
    new ResizeObserver(() => this.#draw()).observe(this.text);
  }

  /**
   * @param {any} entry - What the server tells of the node; null for nothing.
   * @param {boolean} hasChoice - Whether there are names to choose from.
   */
  show(entry, hasChoice) {
    this.entry = entry;
    this.button.hidden = !hasChoice;
    this.#draw();
  }

  #draw() {
    const line = this.entry ? lineOf(this.words, this.entry, (text) => this.#fits(text)) : NOTHING;
    // A screen reader reads a text again that is set again.
    if (this.text.textContent !== line.text) this.text.textContent = line.text;
    this.text.title = line.full;
    this.text.classList.toggle("periplus-line-wrong", line.isWrong);
    const inputs = this.entry?.errors.map(({ input }) => input) ?? [];
    this.element.classList.toggle("periplus-line-wrong-values", inputs.includes("values"));
  }

  /**
   * @param {string} text
   * @returns {boolean}
   */
  #fits(text) {
    const width = this.text.clientWidth;
    if (width === 0) return text.length <= USUAL; // not on the page
    this.trial.style.width = `${width}px`;
    this.trial.textContent = text;
    const isFitting = this.trial.offsetHeight <= this.height;
    this.trial.textContent = "";
    return isFitting;
  }
}
