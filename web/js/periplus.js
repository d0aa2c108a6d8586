/**
 * Periplus in the browser: the pack's settings in ComfyUI's settings dialog.
 *
 * @module periplus
 */

import { api } from "../../../scripts/api.js";
import { app } from "../../../scripts/app.js";

app.registerExtension({
  name: "Periplus",

  settings: [
    {
      // Read on the server before a sweep starts: periplus/host/settings.py.
      id: "Periplus.Sweep.MaxCells",
      category: ["Periplus", "Sweep", "MaxCells"],
      name: "Most cells in a sweep",
      tooltip: "A sweep of more cells is refused before it starts, with the count.",
      type: "number",
      defaultValue: 10000,
      attrs: { min: 1, maxFractionDigits: 0 },
    },
  ],

  init() {
    // Sent for every finished cell, for whoever wants to follow: periplus/host/progress.py.
    // The page warns of messages that nothing listens to.
    api.addEventListener("periplus.cell", () => {});
  },
});
