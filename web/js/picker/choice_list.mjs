/**
 * The names that can be chosen: a search, a tree with ticks, and buttons for all of them.
 *
 * @module periplus/picker/choice_list
 */

import { button, make } from "../elements.js";
import { found, rowsOf, shortNames } from "./name_tree.mjs";
import { RowList } from "./row_list.mjs";

/** @typedef {import("./name_tree.mjs").Choice} Choice */
/** @typedef {import("./name_tree.mjs").Row} Row */

/** Of more names than this, folders are closed at first. */
const MOST_OPEN = 100;
const ROW_HEIGHT = 28;
const PICTURED_HEIGHT = 40;
/** Pixels that a level of the tree is moved to the right. */
const INDENT = 16;

export class ChoiceList {
  /**
   * @param {import("./words.mjs").Words} words
   * @param {Choice[]} choices
   * @param {(choices: Choice[], isTicked: boolean) => void} onTick
   */
  constructor(words, choices, onTick) {
    this.words = words;
    this.choices = choices;
    this.onTick = onTick;
    this.labels = shortNames(choices.map(({ name }) => name));
    this.byName = new Map(choices.map((choice) => [choice.name, choice]));
    /** @type {Set<string>} Folders that are not as they are at first. */
    this.turned = new Set();
    /** @type {Set<string | null>} */
    this.ticked = new Set();
    /** @type {(name: string) => string | undefined} */
    this.pictureOf = () => undefined;

    this.search = make("input", "periplus-picker-search");
    this.search.type = "search";
    this.search.placeholder = words.search;
    this.search.setAttribute("aria-label", words.search);
    this.search.addEventListener("input", () => this.#find());
    this.search.addEventListener("keydown", (event) => this.#onSearchKey(event));
    /** @type {RowList<Row>} */
    this.list = new RowList({
      role: "tree",
      label: words.names,
      render: (row, index) => this.#render(row, index),
      look: (row) => this.#look(row),
    });
    this.list.rowHeight = ROW_HEIGHT;
    this.list.element.setAttribute("aria-multiselectable", "true");
    this.list.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.note = make("div", "periplus-picker-note");
    this.note.setAttribute("role", "status");
    this.element = make("div", "periplus-picker-names", [
      make("div", "periplus-picker-tools", [
        this.search,
        button(words.all, "", () => this.onTick(this.#found(), true)),
        button(words.none, "", () => this.onTick(this.#found(), false)),
      ]),
      this.list.element,
      this.note,
    ]);
  }

  /** @param {(string | null)[]} names - Those that are chosen. */
  tick(names) {
    this.ticked = new Set(names);
    this.#draw();
  }

  /** @param {(name: string) => string | undefined} pictureOf - Gives the address of a picture. */
  showPictures(pictureOf) {
    this.pictureOf = pictureOf;
    this.list.rowHeight = PICTURED_HEIGHT;
    this.#draw();
  }

  #find() {
    this.list.element.scrollTop = 0;
    this.list.active = 0;
    this.#draw();
  }

  #found() {
    return found(this.choices, this.search.value);
  }

  #draw() {
    const choices = this.#found();
    const isSearching = this.search.value.trim() !== "";
    const isOpenAtFirst = (path) =>
      this.choices.length <= MOST_OPEN || path === `${this.choices[0].group}/`;
    const isOpen = (path) => isSearching || isOpenAtFirst(path) !== this.turned.has(path);
    this.list.set(rowsOf(choices, isOpen));
    this.note.textContent = choices.length === 0 ? this.words.nothingFound : "";
  }

  /**
   * @param {Row} row
   * @returns {"true" | "false" | "mixed"} Whether it is ticked.
   */
  #standing({ names }) {
    const count = names.filter((name) => this.ticked.has(name)).length;
    if (count === 0) return "false";
    return count === names.length ? "true" : "mixed";
  }

  /**
   * @param {Row} row
   * @returns {string}
   */
  #look(row) {
    const { path, isOpen, names } = row;
    return [path, this.#standing(row), isOpen, names.length, this.pictureOf(path)].join(" ");
  }

  /**
   * @param {Row} row
   * @param {number} index
   * @returns {HTMLElement}
   */
  #render(row, index) {
    const standing = this.#standing(row);
    const tick = make("input");
    tick.type = "checkbox";
    tick.tabIndex = -1;
    tick.checked = standing === "true";
    tick.indeterminate = standing === "mixed";
    tick.setAttribute("aria-hidden", "true");
    tick.addEventListener("click", (event) => {
      event.stopPropagation();
      this.#turn(row);
    });
    const label = row.choice ? this.labels.get(row.choice.name) : this.#nameOf(row);
    const element = make("div", "periplus-row", [
      make("span", "periplus-row-arrow", [row.choice ? "" : row.isOpen ? "▾" : "▸"]),
      tick,
      ...this.#picture(row),
      make("span", "periplus-row-label", [label ?? ""]),
      ...(row.choice ? [] : [make("span", "periplus-row-count", [String(row.names.length)])]),
    ]);
    element.style.paddingLeft = `${4 + row.level * INDENT}px`;
    element.title = row.choice?.name ?? "";
    element.setAttribute("role", "treeitem");
    element.setAttribute("aria-label", row.choice?.name ?? label ?? "");
    element.setAttribute("aria-level", String(row.level + 1));
    element.setAttribute("aria-checked", standing);
    if (!row.choice) element.setAttribute("aria-expanded", String(row.isOpen));
    element.addEventListener("click", () => {
      this.list.activate(index);
      if (row.choice) this.#turn(row);
      else this.#open(row, !row.isOpen);
    });
    return element;
  }

  /**
   * @param {Row} row - A folder, or a group of names.
   * @returns {string}
   */
  #nameOf({ label, level }) {
    return (level === 0 && this.words.groups[label]) || label;
  }

  /**
   * @param {Row} row
   * @returns {HTMLElement[]}
   */
  #picture({ choice }) {
    const address = choice && this.pictureOf(choice.name);
    if (!address) return [];
    const picture = make("img", "periplus-row-picture");
    picture.alt = "";
    picture.src = address;
    return [picture];
  }

  /** @param {Row} row */
  #turn(row) {
    const choices = row.names.map((name) => /** @type {Choice} */ (this.byName.get(name)));
    this.onTick(choices, this.#standing(row) !== "true");
  }

  /**
   * @param {Row} row - A folder.
   * @param {boolean} isOpen
   */
  #open(row, isOpen) {
    if (row.isOpen === isOpen) return;
    if (!this.turned.delete(row.path)) this.turned.add(row.path);
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const row = this.list.rows[this.list.active];
    if (!row) return;
    if (event.key === " " || event.key === "Enter") this.#turn(row);
    else if (event.key === "ArrowRight" && !row.choice) this.#open(row, true);
    else if (event.key === "ArrowLeft" && !row.choice) this.#open(row, false);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #onSearchKey(event) {
    if (event.key === "ArrowDown") this.list.element.focus();
    else if (event.key === "Enter") {
      const first = this.list.rows.find(({ choice }) => choice);
      if (first) this.#turn(first);
    } else return;
    event.preventDefault();
  }
}
