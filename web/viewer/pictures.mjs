/**
 * Which file a cell shows: the small picture from afar, the whole one where it is seen large.
 *
 * @module pictures
 */

import { make } from "./elements.mjs";

/** @typedef {import("./sweep.mjs").Picture} Picture */

/** Pixels of the longer side of the small pictures, see `periplus/viewer/small_picture.py`. */
const THUMB_SIDE = 256;

/** How much larger than a small picture a cell may be before the whole one is read. */
const BLUR = 1.5;

/** Milliseconds after the last movement; until then no whole picture is read. */
const REST = 150;

/** The pictures in a scrolled element. Whole pictures are read when it rests, never as it moves. */
export class Pictures {
  /** @param {HTMLElement} scrolled */
  constructor(scrolled) {
    /** @type {Map<HTMLImageElement, Picture>} */
    this._pictures = new Map();
    /** @type {Set<HTMLImageElement>} */
    this._near = new Set();
    this._timer = 0;
    this._observer = new IntersectionObserver((entries) => this._note(entries), {
      root: scrolled,
      rootMargin: "10%",
    });
    scrolled.addEventListener("scroll", () => this.moved(), { passive: true });
  }

  /** Make the element of a picture. @param {Picture} picture @returns {HTMLImageElement} */
  add(picture) {
    const image = make("img", {
      src: picture.thumb,
      width: picture.width,
      height: picture.height,
      alt: "",
      loading: "lazy",
      decoding: "async",
      draggable: "false",
    });
    this._pictures.set(image, picture);
    this._observer.observe(image);
    return image;
  }

  /** Forget a picture. @param {HTMLImageElement} image */
  remove(image) {
    this._observer.unobserve(image);
    this._pictures.delete(image);
    this._near.delete(image);
  }

  /** Forget all pictures. */
  clear() {
    this._observer.disconnect();
    this._pictures.clear();
    this._near.clear();
  }

  /** Tell that the element moves or that its cells change their size. */
  moved() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._rest(), REST);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  _note(entries) {
    for (const { target, isIntersecting } of entries) {
      const image = /** @type {HTMLImageElement} */ (target);
      if (isIntersecting) this._near.add(image);
      else if (this._near.delete(image)) this._show(image, false);
    }
    this.moved();
  }

  _rest() {
    for (const image of this._near) {
      const longest = Math.max(image.clientWidth, image.clientHeight);
      this._show(image, longest * devicePixelRatio > THUMB_SIDE * BLUR);
    }
  }

  /** @param {HTMLImageElement} image @param {boolean} isWhole */
  async _show(image, isWhole) {
    const picture = this._pictures.get(image);
    if (!picture) return;
    const wanted = isWhole ? picture.address : picture.thumb;
    if (image.dataset.wanted === wanted || (!isWhole && !image.dataset.wanted)) return;
    image.dataset.wanted = wanted;
    const ready = new Image();
    ready.src = wanted;
    try {
      await ready.decode(); // beside the page's own work, so that nothing stops for it
    } catch {
      return; // the file is gone: the small picture stays
    }
    if (image.dataset.wanted === wanted) image.src = wanted;
  }
}
