/**
 * Periplus in the browser: the pack's settings in ComfyUI's settings dialog, the sheets that fill
 * in on the sweep nodes, the lines that tell what values and sweeps come to, and the viewer.
 *
 * @module periplus
 */

import { api } from "../../../scripts/api.js";
import { app } from "../../../scripts/app.js";
import { LiveSheets } from "./live_sheet/live_sheets.js";
import { hasLine, Lines } from "./preview/lines.js";
import { Previews } from "./preview/previews.js";
import { ViewerOpener } from "./viewer/opener.js";

const sheets = new LiveSheets(app, api);
const previews = new Previews(app, api, hasLine);
const lines = new Lines(app, (node) => sheets.standingOf(node), choose);
previews.listeners.add(() => lines.show(previews.entries, previews.prompt));
sheets.onChange = (node) => lines.update(node);
const viewer = new ViewerOpener(app, api, sheets, previews);

const STYLES = ["live_sheet.css", "preview.css", "picker.css"];

app.registerExtension({
  name: "Periplus",

  // Read on the server when a sweep runs: periplus/host/settings.py.
  settings: [
    {
      id: "Periplus.Sweep.MaxCells",
      category: ["Periplus", "Sweep", "MaxCells"],
      name: "Most cells in a sweep",
      tooltip: "A sweep of more cells is refused before it starts, with the count.",
      type: "number",
      defaultValue: 10000,
      attrs: { min: 1, maxFractionDigits: 0 },
    },
    {
      id: "Periplus.Sweep.ReadableNames",
      category: ["Periplus", "Sweep", "ReadableNames"],
      name: "Readable file names",
      tooltip:
        "Beside the cells, each sweep gets a folder in which its pictures are named after their " +
        "values. They take no more room, where the disk knows hard links.",
      type: "boolean",
      defaultValue: true,
    },
    {
      id: "Periplus.Sweep.KeepDays",
      category: ["Periplus", "Sweep", "KeepDays"],
      name: "Days to keep unused cells",
      tooltip:
        "After a sweep, the cells in its folder that no sweep has used for so many days are " +
        "removed. 0 keeps them for ever. Pictures with readable names stay.",
      type: "number",
      defaultValue: 0,
      attrs: { min: 0, maxFractionDigits: 2 },
    },
    {
      id: "Periplus.Sweep.KeepGigabytes",
      category: ["Periplus", "Sweep", "KeepGigabytes"],
      name: "Gigabytes of cells to keep",
      tooltip:
        "After a sweep, when the cells in its folder take more, those that were used least " +
        "recently are removed, but none of the last day. 0 is no limit. Pictures with readable " +
        "names stay, with their place on the disk.",
      type: "number",
      defaultValue: 0,
      attrs: { min: 0, maxFractionDigits: 2 },
    },
    {
      id: "Periplus.Sweep.LiveSheet",
      category: ["Periplus", "Sweep", "LiveSheet"],
      name: "Show the sheet on the sweep node while it fills in",
      tooltip: "Small pictures of the finished cells, how far the sweep is, and why cells failed.",
      type: "boolean",
      defaultValue: true,
      onChange: (isShown) => sheets.show(isShown),
    },
  ],

  commands: [
    {
      id: "Periplus.OpenViewer",
      label: "Open the sweep viewer",
      icon: "pi pi-th-large",
      function: () => viewer.openLikely(),
    },
  ],

  keybindings: [
    { combo: { key: "p", alt: true }, commandId: "Periplus.OpenViewer" },
    // What a Mac types there.
    { combo: { key: "π", alt: true }, commandId: "Periplus.OpenViewer" },
  ],

  menuCommands: [{ path: ["Extensions", "Periplus"], commands: ["Periplus.OpenViewer"] }],

  getNodeMenuItems: (node) => viewer.menuItems(node),

  init() {
    STYLES.forEach(addStyle);
    sheets.listen();
    previews.listen();
  },

  nodeCreated(node) {
    lines.addPlace(node);
    sheets.addPlace(node);
  },

  setup: () => sheets.restore(),

  afterConfigureGraph() {
    sheets.attach();
    previews.outdated();
  },

  refreshComboInNodes: () => previews.outdated(),
});

/** @param {string} name - Of a file in web/css. */
function addStyle(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`../css/${name}`, import.meta.url).href;
  document.head.append(link);
}

/**
 * Let the user choose the names of an axis.
 *
 * @param {string} id - Of the axis node in the prompt.
 * @param {() => HTMLElement | undefined} button - Where the choice opens.
 */
async function choose(id, button) {
  const { openPicker } = await import("./picker/picker.mjs");
  await openPicker(app, api, previews, id, button);
}
