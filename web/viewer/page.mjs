/**
 * The page of a saved sweep: shows the sweep whose data is in it.
 *
 * @module page
 */

import { Viewer } from "./viewer.mjs";

const data = JSON.parse(document.getElementById("sweep")?.textContent ?? "");
new Viewer(document.body, data);
