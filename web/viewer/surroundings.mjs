/**
 * What a viewer is told by the page that it is part of.
 *
 * @module surroundings
 */

import { addressOf } from "./elements.mjs";
import { languageOf } from "./languages.mjs";
import { keep, recall } from "./marks.mjs";

/** @typedef {import("./sweep.mjs").Picture} Picture */
/** @typedef {import("./sweep.mjs").Place} Place */

/**
 * @typedef {object} Surroundings
 * @property {string} language one that `languageOf` gives
 * @property {string} theme dark or light
 * @property {(theme: string) => void} [keepTheme] without it the reader cannot choose one
 * @property {(file: string) => string} addressOf where a file of the sweep is
 * @property {(file: string, known?: {thumb: string}) => string} thumbOf where a small picture is of
 *   a file, of which the data may know more
 * @property {(picture: Picture) => Promise<string>} infotextOf how a picture was made; empty where
 *   that is not known
 * @property {(place: Place) => Node[]} cellTools what else can be done with a cell
 * @property {() => Node[]} tools what else can be done with the sweep
 */

const THEME = "periplus.theme";

/** What a page of its own gives: the files lie beside it. @returns {Surroundings} */
export function ownPage() {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    language: languageOf(...navigator.languages),
    theme: recall(THEME) ?? (isDark ? "dark" : "light"),
    keepTheme: (theme) => keep(THEME, theme),
    addressOf,
    thumbOf: (file, known) => addressOf(known?.thumb ?? file),
    infotextOf: async (picture) => picture.infotext,
    cellTools: () => [],
    tools: () => [],
  };
}
