/**
 * Choosing the names of an axis: a panel near its node that writes the values text.
 *
 * @module periplus/picker/picker
 */

import { button, make } from "../elements.js";
import { nodeAt } from "../node_places.js";
import { ask } from "../server/ask.js";
import { ChoiceList } from "./choice_list.mjs";
import { ChosenList } from "./chosen_list.mjs";
import { namesAlone } from "./name_tree.mjs";
import { findPictures } from "./pictures.mjs";
import { writtenList } from "./values_text.mjs";
import { wordsFor } from "./words.mjs";

/** @typedef {import("./values_text.mjs").Item} Item */
/** @typedef {import("./name_tree.mjs").Choice} Choice */

const LORA = "LoRA";
const NO_LORA = "none";
/** Texts that mean all names. */
const EVERYTHING = ["", "*"];
/** Pixels between the panel and what is around it. */
const GAP = 8;
/** Milliseconds that ComfyUI shows a message. */
const LIFE = 8000;

/** Behind Ctrl. */
const UNDO = ["z", "Z", "y", "Y"];

/** @type {Picker | null} */
let opened = null;

/**
 * Open the choice for an axis node, and close it where it is open already.
 *
 * @param {any} app - ComfyUI's.
 * @param {any} api - ComfyUI's.
 * @param {import("../preview/previews.js").Previews} previews
 * @param {string} id - Of the node in the prompt.
 * @param {() => HTMLElement | undefined} opener - Where the panel opens and the focus returns to.
 */
export async function openPicker(app, api, previews, id, opener) {
  const wasOpen = opened?.id === id;
  opened?.close();
  if (wasOpen) return;
  try {
    await open(app, api, previews, id, opener);
  } catch (error) {
    const summary = wordsFor(app.extensionManager.setting.get("Comfy.Locale")).notShown;
    const { message: detail } = error;
    app.extensionManager.toast.add({ severity: "error", summary, detail, life: LIFE });
  }
}

/** Parameters as above. The server may refuse to tell, or be gone. */
async function open(app, api, previews, id, opener) {
  const { class_type, inputs } = previews.prompt[id];
  const known = await ask(api, "choices", { class_type, inputs, prompt: previews.prompt });
  opened?.close();
  if (!nodeAt(app.graph, id)) return; // gone meanwhile
  const picker = (opened = new Picker(app, previews, id, known, opener));
  if (!known.folder) return;
  const pictures = await findPictures(api, known.folder);
  if (pictures.size > 0) picker.names.showPictures((name) => pictures.get(name));
}

class Picker {
  /**
   * @param {any} app
   * @param {import("../preview/previews.js").Previews} previews
   * @param {string} id
   * @param {any} known - What the server tells of the choices; see periplus/host/choices.py.
   * @param {() => HTMLElement | undefined} opener
   */
  constructor(app, previews, id, known, opener) {
    this.app = app;
    this.previews = previews;
    this.id = id;
    this.known = known;
    this.opener = opener;
    this.type = this.#node().comfyClass;
    this.workflow = this.#workflow();
    /** @type {Item[]} */
    this.items = [];
    /** @type {string | null} The text that was written last, which may have no items. */
    this.written = null;

    const words = wordsFor(app.extensionManager.setting.get("Comfy.Locale"));
    this.words = words;
    this.names = new ChoiceList(words, known.choices, (choices, isTicked) => {
      this.#tick(choices, isTicked);
    });
    this.chosen = new ChosenList(
      words,
      namesAlone(this.names.labels),
      ({ name }) => known.what === LORA && name !== null && name !== NO_LORA,
      (items) => this.#write(items),
    );
    this.note = make("div", "periplus-picker-note");
    this.note.setAttribute("role", "status");
    const title = words.title(words.kinds[known.what] ?? known.what);
    // No <dialog>: while one is open, ComfyUI has no undo.
    this.element = make("div", "periplus-picker", [
      make("div", "periplus-picker-title", [
        make("span", "", [title]),
        button("✕", words.close, () => this.close()),
      ]),
      make("div", "periplus-picker-lists", [this.names.element, this.chosen.element]),
      this.note,
    ]);
    this.element.setAttribute("role", "dialog");
    this.element.setAttribute("aria-label", title);
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.follow = () => this.#follow();
    previews.listeners.add(this.follow);
    document.body.append(this.element);
    this.#place();
    this.#follow();
    this.names.search.focus();
  }

  close() {
    opened = null;
    this.previews.listeners.delete(this.follow);
    const hadFocus = this.element.contains(document.activeElement);
    this.element.remove();
    if (hadFocus) this.opener()?.focus();
  }

  #node() {
    return nodeAt(this.app.graph, this.id);
  }

  #workflow() {
    return this.app.extensionManager.workflow.activeWorkflow?.path;
  }

  #widget() {
    return this.#node().widgets.find(({ name }) => name === "values");
  }

  /** Take what the server tells of the text, which may have been typed or undone. */
  #follow() {
    const isThere = this.#node()?.comfyClass === this.type && this.#workflow() === this.workflow;
    if (!isThere) return this.close();
    const entry = this.previews.entries[this.id];
    const text = this.previews.prompt[this.id]?.inputs.values;
    if (!entry || text !== this.#widget().value) return; // it has changed again
    const mistake = entry.errors[0]?.message ?? "";
    if (text === this.written) {
      if (this.items.length > 0) this.note.textContent = mistake;
      return;
    }
    this.written = null;
    this.items = this.#itemsOf(entry, text);
    const isWhole = entry.count === null || entry.count === this.items.length;
    this.names.element.inert = this.chosen.element.inert = !isWhole;
    this.#show(isWhole ? mistake : this.words.tooMany);
  }

  /**
   * @param {any} entry - The server's, which may tell of the first items only.
   * @param {string} text
   * @returns {Item[]}
   */
  #itemsOf({ items, labels, count }, text) {
    if (items.length < count && EVERYTHING.includes(text.trim())) {
      // Words such as "none" stand before the names that are meant.
      return this.known.choices.slice(-count).map(({ name, text }) => ({ name, text }));
    }
    return items.map((item, index) => ({ ...item, label: labels[index] }));
  }

  /** @param {string} note */
  #show(note) {
    this.names.tick(this.items.map(({ name }) => name));
    this.chosen.show(this.items);
    this.note.textContent = note;
  }

  /**
   * @param {Choice[]} choices
   * @param {boolean} isTicked
   */
  #tick(choices, isTicked) {
    const changed = new Set(choices.map(({ name }) => name));
    if (isTicked) {
      const had = new Set(this.items.map(({ name }) => name));
      const added = choices.filter(({ name }) => !had.has(name));
      this.#write([...this.items, ...added.map(({ name, text }) => ({ name, text }))]);
    } else {
      this.#write(this.items.filter(({ name }) => name === null || !changed.has(name)));
    }
  }

  /** @param {Item[]} items - Become the values, as one step of the editor's undo. */
  #write(items) {
    const widget = this.#widget();
    const { choices, folder, empty_is_all } = this.known;
    this.items = items;
    this.written = writtenList(items, widget.value, {
      isEachOnALine: folder !== "",
      names: new Set(choices.map(({ name }) => name)),
    });
    const { canvas } = this.app;
    canvas.emitBeforeChange();
    widget.value = this.written;
    widget.callback?.(this.written, canvas, this.#node());
    canvas.emitAfterChange();
    canvas.setDirty(true, true);
    this.previews.changed();
    this.#show(items.length === 0 && empty_is_all ? this.words.nothingChosen : "");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const isShortcut = event.ctrlKey || event.metaKey;
    if (!isShortcut) event.stopPropagation(); // ComfyUI has uses for plain keys
    if (event.key === "Escape") this.close();
    else if (!isShortcut || !UNDO.includes(event.key) || isTyping(event.target)) return;
    // ComfyUI undoes the choice; the browser would undo what was typed somewhere before.
    event.preventDefault();
  }

  /** Stand beside what opened it, inside the window. */
  #place() {
    const { style, offsetWidth, offsetHeight } = this.element;
    const near = this.opener()?.getBoundingClientRect() ?? new DOMRect();
    const left = near.right + GAP;
    const top = near.top - offsetHeight / 2;
    style.left = `${Math.max(Math.min(left, innerWidth - offsetWidth - GAP), GAP)}px`;
    style.top = `${Math.max(Math.min(top, innerHeight - offsetHeight - GAP), GAP)}px`;
  }
}

/**
 * @param {EventTarget | null} target - Of a key.
 * @returns {boolean} Whether it is a text.
 */
function isTyping(target) {
  return target instanceof HTMLInputElement && target.type !== "checkbox";
}
