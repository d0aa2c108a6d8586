/**
 * The list of sweeps to choose from.
 *
 * @module periplus/viewer/sweep_list
 */

import { make, makeButton } from "../../viewer/elements.mjs";
import { wordsFor as liveWordsFor } from "../live_sheet/words.js";

/**
 * @param {any[]} sweeps - As `POST /periplus/sweeps` gives them.
 * @param {import("./words.js").Words} words
 * @param {object} told
 * @param {string} told.language
 * @param {(manifest: any) => void} told.choose
 * @param {() => void} told.close
 * @returns {HTMLElement}
 */
export function makeSweepList(sweeps, words, { language, choose, close }) {
  const { cells, comma, failed } = liveWordsFor(language);
  const rows = sweeps.map(({ title, manifest, updated, counts }) => {
    const done = counts.done + counts.reused;
    const total = done + counts.failed + counts.missing;
    const standing = [cells(done, total), ...(counts.failed ? [failed(counts.failed)] : [])];
    const time = new Date(1000 * updated).toLocaleString(language, {
      dateStyle: "medium",
      timeStyle: "short",
    });
    return make(
      "li",
      {},
      make(
        "button.sweep",
        { type: "button", click: () => choose(manifest) },
        make("b", {}, title),
        make("span", {}, standing.join(comma)),
        make("span", {}, manifest.subfolder),
        make("span", {}, time),
      ),
    );
  });
  return make(
    "div.periplus.sweeps",
    { lang: language },
    make(
      "header.toolbar",
      {},
      make("h1", {}, words.chooseSweep),
      make("span.space"),
      makeButton("✕", words.close, close),
    ),
    rows.length ? make("ul", {}, ...rows) : make("p", {}, words.noSweeps),
  );
}
