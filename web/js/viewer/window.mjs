/**
 * The window of the viewer over ComfyUI's page: a sweep, or a list of sweeps to choose from.
 *
 * @module periplus/viewer/window
 */

import { make, makeButton } from "../../viewer/elements.mjs";
import { languageOf } from "../../viewer/languages.mjs";
import { Viewer } from "../../viewer/viewer.mjs";
import { progressLine, wordsFor as liveWordsFor } from "../live_sheet/words.js";
import { fileBeside, isSame, thumbnailRoute, viewRoute } from "../server/addresses.js";
import { ask } from "../server/ask.js";
import { CellTools } from "./cell_tools.mjs";
import { makeSweepList } from "./sweep_list.mjs";
import { wordsFor } from "./words.js";

/** @typedef {import("../live_sheet/sweep_state.js").FileReference} FileReference */

/** Events that ComfyUI's page listens to for its own keys and clipboard. */
const KEPT_INSIDE = ["keydown", "keyup", "keypress", "copy", "cut", "paste"];

/** Milliseconds that ComfyUI shows a message. */
const LIFE = 8000;

/** Red, green and blue of a colour between black and white, together. */
const MIDDLE = (3 * 255) / 2;

/** The dialog is no more than a frame; what it holds is in a shadow. */
const FRAME =
  "width: 100vw; max-width: none; height: 100dvh; max-height: none; " +
  "margin: 0; padding: 0; border: 0; background: none";

/** Files of styles, in the shadow, so that ComfyUI's and ours do not meet. */
const STYLES = ["../../viewer/viewer.css", "../../css/viewer_window.css"];

export class ViewerWindow {
  /**
   * @param {any} app - ComfyUI's.
   * @param {any} api - ComfyUI's.
   * @param {import("./sweeps_on_page.js").SweepsOnPage} sweeps
   * @param {import("../live_sheet/live_sheets.js").LiveSheets} sheets
   */
  constructor(app, api, sweeps, sheets) {
    this.app = app;
    this.api = api;
    this.sweeps = sweeps;
    this.sheets = sheets;
    /** @type {Viewer | null} Of the sweep that is shown. */
    this.viewer = null;
    /** @type {FileReference | undefined} Of the sweep that is shown, or is to be. */
    this.manifest = undefined;
    /** @type {any[]} News of its cells that came before the viewer was there. */
    this.early = [];
    this.progress = make("span.progress");
    this.content = make("div.content", { tabindex: -1 });
    const host = make("div.periplus-viewer");
    // ComfyUI's undo hears a key before any pack can. It lets it be while a dialog is open, outside
    // of shadows; up to 1.49 at least, while what has the focus is of this type. 1.32 has only that.
    this.dialog = make("dialog", { style: FRAME, close: () => this.#closed() }, host);
    Object.assign(host, { type: "textarea" });
    const styles = STYLES.map((file) =>
      make("link", { rel: "stylesheet", href: new URL(file, import.meta.url).href }),
    );
    this.ready = Promise.all(styles.map(settled));
    host.attachShadow({ mode: "open" }).append(...styles, this.content);
    for (const name of KEPT_INSIDE) {
      this.dialog.addEventListener(name, (/** @type {Event} */ event) => event.stopPropagation());
    }
    window.addEventListener("keydown", (event) => this.#keepKey(event), { capture: true });
    document.body.append(this.dialog);
    api.addEventListener("periplus.cell", ({ detail }) => this.#onCell(detail));
    api.addEventListener("periplus.sweep", ({ detail }) => void this.#onSweep(detail));
    api.addEventListener("reconnected", () => void this.#catchUp());
  }

  get #locale() {
    return this.app.extensionManager.setting.get("Comfy.Locale");
  }

  /**
   * Show a sweep.
   *
   * @param {FileReference} manifest
   * @param {[number, number, number]} [place] - The cell to show at once.
   */
  async show(manifest, place) {
    this.#expect(manifest);
    const data = await this.#ask("sweep", { manifest });
    if (this.manifest !== manifest) return; // another one was chosen meanwhile
    if (!data) {
      this.#expect(undefined);
      return;
    }
    await this.#open(wordsFor(this.#locale).viewer);
    const root = make("div", { tabindex: -1 }); // a click anywhere gives it the keys
    this.content.replaceChildren(root);
    const tools = new CellTools(this, wordsFor(this.#locale));
    this.viewer = new Viewer(root, data, this.#surroundings(manifest, tools));
    tools.viewer = this.viewer;
    for (const cell of this.early) this.viewer.setCell(cell);
    this.#showProgress();
    this.viewer.focus();
    if (place) this.viewer.open(place);
  }

  /** Let the user choose a sweep. */
  async choose() {
    this.#expect(undefined);
    const answer = await this.#ask("sweeps", {});
    if (!answer) return;
    const words = wordsFor(this.#locale);
    await this.#open(words.sweeps);
    const list = makeSweepList(answer.sweeps, words, {
      language: languageOf(this.#locale),
      choose: (manifest) => void this.show(manifest),
      close: () => this.close(),
    });
    list.dataset.theme = this.#theme();
    this.content.replaceChildren(list);
    list.querySelector("button.sweep")?.focus();
  }

  close() {
    this.dialog.close();
  }

  /** @param {string} label */
  async #open(label) {
    await this.ready;
    this.dialog.setAttribute("aria-label", label);
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** @param {FileReference | undefined} manifest - Of the sweep that is to be shown instead. */
  #expect(manifest) {
    this.viewer = null;
    this.manifest = manifest;
    this.early = [];
  }

  #closed() {
    if (this.dialog.open || (this.manifest && !this.viewer)) return; // it is opened again
    this.#expect(undefined);
    this.content.replaceChildren();
  }

  /**
   * @param {string} name
   * @param {object} question
   * @returns {Promise<any>} The answer; undefined where there is none, which the user is told.
   */
  async #ask(name, question) {
    try {
      return await ask(this.api, name, question);
    } catch (error) {
      this.#complain(error.message);
      return undefined;
    }
  }

  /**
   * Say it where it is seen: ComfyUI's own messages are under the window.
   *
   * @param {string} detail
   */
  #complain(detail) {
    const summary = wordsFor(this.#locale).notShown;
    const shown = this.content.querySelector(".periplus");
    if (this.viewer) this.viewer.say(detail);
    else if (shown) shown.append(make("div.message", { role: "alert" }, detail));
    else this.app.extensionManager.toast.add({ severity: "error", summary, detail, life: LIFE });
  }

  /**
   * ComfyUI hears no key while the window is open, also where what had the focus is gone.
   *
   * @param {KeyboardEvent} event
   */
  #keepKey(event) {
    if (!this.dialog.open || event.composedPath().includes(this.dialog)) return;
    event.stopImmediatePropagation();
    if (this.viewer) this.viewer.focus();
    else this.content.focus();
  }

  /** Whether the page is dark: its frontends have different names for that, but one for colours. */
  #theme() {
    const probe = make("span");
    probe.style.color = "var(--fg-color)"; // of the palette's texts
    document.body.append(probe);
    const [red, green, blue] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
    probe.remove();
    return red + green + blue > MIDDLE ? "dark" : "light";
  }

  /**
   * @param {FileReference} manifest
   * @param {CellTools} tools
   * @returns {import("../../viewer/surroundings.mjs").Surroundings}
   */
  #surroundings(manifest, tools) {
    const words = wordsFor(this.#locale);
    const reference = (/** @type {string} */ file) => fileBeside(manifest, file);
    return {
      language: languageOf(this.#locale),
      theme: this.#theme(),
      addressOf: (file) => this.api.apiURL(viewRoute(reference(file))),
      thumbOf: (file) => this.api.apiURL(thumbnailRoute(reference(file))),
      infotextOf: async ({ file }) =>
        (await this.#ask("infotext", { picture: reference(file) }))?.infotext ?? "",
      cellTools: (place) => tools.ofCell(place),
      tools: () => [
        this.progress,
        tools.menu(),
        makeButton("☰", words.otherSweeps, () => void this.choose()),
        makeButton("✕", words.close, () => this.close()),
      ],
    };
  }

  /** @param {any} told - See periplus/host/record.py. */
  #onCell(told) {
    if (!this.#isShown(told)) return;
    if (this.viewer) this.viewer.setCell(told);
    else this.early.push(told);
    this.#showProgress();
  }

  /** @param {any} told - See periplus/host/record.py. */
  async #onSweep(told) {
    const { manifest } = this;
    if (!manifest || !isSame(told.manifest, manifest)) return;
    this.#showProgress();
    if (this.viewer?.sweep.differsFrom(told.counts)) await this.#catchUp();
  }

  /** Show what was not heard of. */
  async #catchUp() {
    const { manifest } = this;
    if (!manifest) return;
    const data = await this.#ask("sweep", { manifest });
    if (this.manifest === manifest) data?.cells.forEach((cell) => this.viewer?.setCell(cell));
  }

  #isShown(told) {
    return isSame(this.sheets.stateOf(told)?.manifest, this.manifest);
  }

  #showProgress() {
    const state = this.manifest && this.sheets.stateOfSweep(this.manifest);
    this.progress.textContent = state?.isRunning
      ? progressLine(liveWordsFor(this.#locale), state.progress(performance.now()))
      : "";
  }
}

/**
 * @param {HTMLLinkElement} link
 * @returns {Promise<unknown>} Fulfilled once it is loaded, or cannot be.
 */
function settled(link) {
  return new Promise((done) => {
    for (const end of ["load", "error"]) link.addEventListener(end, done);
  });
}
