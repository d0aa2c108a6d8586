/**
 * The values that are chosen, in their order, which can be changed.
 *
 * @module periplus/picker/chosen_list
 */

import { button, make } from "../elements.js";
import { RowList } from "./row_list.mjs";
import { moved, strengthOf, unquoted, withStrength } from "./values_text.mjs";

/** @typedef {import("./values_text.mjs").Item} Item */

/** A pointer that goes so many pixels drags. */
const DRAG = 4;
const MOVES = { ArrowUp: -1, ArrowDown: 1 };
const REMOVALS = ["Delete", "Backspace"];

export class ChosenList {
  /**
   * @param {import("./words.mjs").Words} words
   * @param {Map<string, string>} labels - Of the choices, by name.
   * @param {(item: Item) => boolean} hasStrength
   * @param {(items: Item[]) => void} onChange
   */
  constructor(words, labels, hasStrength, onChange) {
    this.words = words;
    this.labels = labels;
    this.hasStrength = hasStrength;
    this.onChange = onChange;
    /** @type {Item[]} */
    this.items = [];
    this.title = make("div", "periplus-picker-count");
    this.title.setAttribute("role", "status");
    /** @type {RowList<Item>} */
    this.list = new RowList({
      role: "listbox",
      label: words.order,
      render: (item, index) => this.#render(item, index),
      look: (item) => item.text,
    });
    this.list.element.title = words.order;
    this.list.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.gap = make("div", "periplus-rows-gap");
    this.spoken = make("div", "periplus-live-spoken");
    this.spoken.setAttribute("role", "status");
    this.element = make("div", "periplus-picker-chosen", [
      ...[this.title, this.list.element, this.spoken],
    ]);
  }

  /** @param {Item[]} items */
  show(items) {
    this.items = items;
    this.title.textContent = this.words.chosen(items.length);
    this.list.set(items);
  }

  /**
   * @param {Item} item
   * @param {number} index
   * @returns {HTMLElement}
   */
  #render(item, index) {
    const name = item.name ?? unquoted(item.text);
    const shown = this.labels.get(name) ?? item.label ?? name;
    const label = make("span", "periplus-row-label", [shown]);
    label.classList.toggle("periplus-row-other", item.name === null);
    const element = make("div", "periplus-row", [
      make("span", "periplus-row-handle", ["⠿"]),
      label,
      ...(this.hasStrength(item) ? [this.#strength(item, index)] : []),
      button("✕", this.words.remove(name), () => this.#remove(index)),
    ]);
    element.title = name;
    element.setAttribute("role", "option");
    element.setAttribute("aria-label", name);
    element.addEventListener("pointerdown", (event) => this.#onPointer(event, element, index));
    return element;
  }

  /**
   * @param {Item} item
   * @param {number} index
   * @returns {HTMLInputElement}
   */
  #strength(item, index) {
    const input = make("input", "periplus-row-strength");
    input.value = strengthOf(item);
    input.placeholder = "1";
    input.inputMode = "decimal";
    input.setAttribute("aria-label", this.words.strength(item.name));
    input.addEventListener("change", () => {
      const changed = withStrength(item, input.value);
      input.value = strengthOf(changed);
      if (changed.text !== item.text) this.onChange(this.items.with(index, changed));
    });
    return input;
  }

  /** @param {number} index */
  #remove(index) {
    this.onChange(this.items.toSpliced(index, 1));
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #move(from, to) {
    if (from === to || to < 0 || to >= this.items.length) return;
    this.onChange(moved(this.items, from, to));
    this.list.activate(to);
    const { text, name } = this.items[to];
    this.spoken.textContent = this.words.place(name ?? text, to + 1, this.items.length);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target !== this.list.element || this.items.length === 0) return;
    const { active } = this.list;
    if (event.altKey && event.key in MOVES) this.#move(active, active + MOVES[event.key]);
    else if (REMOVALS.includes(event.key)) this.#remove(active);
    else return;
    event.preventDefault();
  }

  /**
   * Drag a row to another place.
   *
   * @param {PointerEvent} down
   * @param {HTMLElement} row
   * @param {number} from
   */
  #onPointer(down, row, from) {
    const target = /** @type {Element} */ (down.target);
    if (down.button !== 0 || target.closest("input, button")) return;
    this.list.activate(from);
    const end = new AbortController();
    let isDragging = false;
    const follow = ({ clientY }) => {
      isDragging ||= Math.abs(clientY - down.clientY) > DRAG;
      if (!isDragging) return;
      row.classList.add("periplus-row-dragged");
      const { top, bottom } = this.list.element.getBoundingClientRect();
      const over = Math.min(clientY - top, 0) + Math.max(clientY - bottom, 0);
      this.list.element.scrollTop += over; // beyond an edge, the list goes on
      this.gap.style.top = `${this.list.gapAt(clientY) * this.list.rowHeight - 1}px`;
      this.list.body.append(this.gap);
    };
    const drop = (event) => {
      end.abort();
      this.gap.remove();
      row.classList.remove("periplus-row-dragged");
      if (!isDragging || event.type !== "pointerup") return;
      const gap = this.list.gapAt(event.clientY);
      this.#move(from, gap > from ? gap - 1 : gap);
    };
    window.addEventListener("pointermove", follow, { signal: end.signal });
    window.addEventListener("pointerup", drop, { signal: end.signal });
    window.addEventListener("pointercancel", drop, { signal: end.signal });
  }
}
