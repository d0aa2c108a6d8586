/**
 * Two pictures on one another, and a slider for where one ends.
 *
 * @module compare
 */

import { addressOf, make } from "./elements.mjs";

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
 * @returns {HTMLElement}
 */
export function makeCompare(left, right, captions, label) {
  const element = make("div.compare");
  /** @param {number} share 0 to 1, from the left */
  const move = (share) => element.style.setProperty("--share", `${100 * share}%`);
  const slider = make("input", {
    type: "range",
    min: 0,
    max: STEPS_ACROSS,
    value: STEPS_ACROSS / 2,
    step: STEPS_ACROSS / 100,
    "aria-label": label,
    input: () => move(Number(slider.value) / STEPS_ACROSS),
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
        ? [make("img", { src: addressOf(picture.file), alt: caption, draggable: "false" })]
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
  move(0.5);
  return element;
}
