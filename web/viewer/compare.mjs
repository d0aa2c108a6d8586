/**
 * Two pictures on one another, and a slider for where one ends.
 *
 * @module compare
 */

import { make } from "./elements.mjs";

/** @typedef {import("./sweep.mjs").Picture} Picture */

/** Steps of the slider. */
const STEPS_ACROSS = 1000;

/**
 * Make the element that compares two pictures.
 *
 * @param {Picture | undefined} left
 * @param {Picture | undefined} right
 * @param {[string, string]} captions of the left one and the right one
 * @param {string} label of the slider
 * @param {number} share where the left one ends, 0 to 1
 * @param {(share: number) => void} onMove called with the share when the slider moves
 * @returns {HTMLElement}
 */
export function makeCompare(left, right, captions, label, share, onMove) {
  const element = make("div.compare");
  /** @param {number} now */
  const show = (now) => element.style.setProperty("--share", `${100 * now}%`);
  const slider = make("input", {
    type: "range",
    min: 0,
    max: STEPS_ACROSS,
    value: STEPS_ACROSS * share,
    step: STEPS_ACROSS / 100,
    "aria-label": label,
    "data-name": "slider",
    input: () => {
      const now = Number(slider.value) / STEPS_ACROSS;
      show(now);
      onMove(now);
    },
    // Its arrow keys move it alone.
    keydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key.startsWith("Arrow") || event.key.startsWith("Page")) event.stopPropagation();
    },
  });
  /** @param {string} side @param {Picture | undefined} picture @param {string} caption */
  const layer = (side, picture, caption) =>
    make(
      `div.layer.${side}`,
      {},
      ...(picture
        ? [make("img", { src: picture.address, alt: caption, draggable: "false" })]
        : []),
    );
  element.append(
    layer("right", right, captions[1]),
    layer("left", left, captions[0]),
    make("div.line"),
    make("span.caption.left", {}, captions[0]),
    make("span.caption.right", {}, captions[1]),
    slider,
  );
  show(share);
  return element;
}
