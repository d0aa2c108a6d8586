/**
 * What the page knows of one sweep: its axes, how each cell stands, and how long it may take.
 *
 * Nothing here touches the page.
 *
 * @module periplus/live_sheet/sweep_state
 */

/**
 * @typedef {[number, number, number]} Place - x, y and z of a cell, each counted from 0.
 *
 * @typedef {object} Axis
 * @property {string} name
 * @property {string[]} labels - One for each of its points.
 *
 * @typedef {object} FileReference - A file, as ComfyUI's /view route takes it.
 * @property {string} filename
 * @property {string} subfolder
 * @property {string} type
 *
 * @typedef {object} Cell
 * @property {number} x
 * @property {number} y
 * @property {number} z
 * @property {Record<string, string>} labels - By the letter of the axis.
 * @property {"done" | "reused" | "failed" | "missing"} status
 * @property {string} reason - Why it failed.
 * @property {string[]} files - Its pictures, relative to the manifest.
 * @property {[number, number][]} sizes - Their widths and heights, in pixels.
 * @property {number | null} seconds - What it cost.
 * @property {string} [thumbnail] - The address of a small picture of it.
 */

/** Cells of this run after which the time left is told. */
const ENOUGH_CELLS = 3;

/** Statuses of cells that have a picture. */
const FINISHED = ["done", "reused"];

/** How far a sweep is; see {@link SweepState.progress}.
 *
 * @typedef {object} Progress
 * @property {number} total - Cells.
 * @property {number} finished - Those that have their picture.
 * @property {number} failed
 * @property {boolean} stopped - The run ended early, and cells are missing.
 * @property {number | null} secondsLeft - While it runs, once there is enough to judge by.
 */

export class SweepState {
  /**
   * @param {string} node - The execution id of the sweep node.
   * @param {FileReference} manifest - Where the record of the sweep is.
   * @param {Record<"x" | "y" | "z", Axis>} axes
   */
  constructor(node, manifest, axes) {
    this.node = node;
    this.manifest = manifest;
    this.axes = axes;
    /**
     * What the server tells of it beforehand, line by line.
     * @type {string[]}
     */
    this.forecast = [];
    /**
     * Whether the sweep runs now; null while that is unknown.
     * @type {boolean | null}
     */
    this.isRunning = null;
    /** Whether the last run ended before its last cell. */
    this.endedEarly = false;
    /** @type {Map<string, Cell>} */
    this.cells = new Map();
    /** @type {Set<string>} Keys of the cells that are worked on. */
    this.atWork = new Set();
    /** @type {{time: number, done: number} | null} When the first cell of this run was made. */
    this.firstMade = null;
    /** @type {{time: number, done: number, total: number} | null} When the last one was. */
    this.lastMade = null;
    this.madeCount = 0;
  }

  /** @returns {[number, number, number]} The numbers of columns, rows and pages. */
  get shape() {
    const { x, y, z } = this.axes;
    return [x.labels.length, y.labels.length, z.labels.length];
  }

  /**
   * @param {Place} place
   * @returns {Cell | undefined} The cell there; none where nothing is known of it.
   */
  cell(...place) {
    return this.cells.get(keyOf(...place));
  }

  /**
   * @param {Place} place
   * @returns {boolean} Whether the cell is worked on.
   */
  isAtWork(...place) {
    return this.atWork.has(keyOf(...place));
  }

  /**
   * The width of a cell divided by its height, as the first picture has it.
   *
   * @returns {number | null} None before there is one.
   */
  get aspect() {
    for (const { sizes } of this.cells.values()) {
      if (sizes.length === 0) continue;
      const [width, height] = sizes[0];
      const columns = Math.ceil(Math.sqrt(sizes.length));
      const rows = Math.ceil(sizes.length / columns);
      return (width * columns) / (height * rows);
    }
    return null;
  }

  /**
   * Take what the record says of all cells.
   *
   * @param {Cell[]} cells
   */
  setAll(cells) {
    for (const cell of cells) {
      const key = keyOf(cell.x, cell.y, cell.z);
      const known = this.cells.get(key);
      if (known && cell.status === "missing") continue; // what was heard since is newer
      this.cells.set(key, { ...cell, thumbnail: known?.thumbnail });
    }
  }

  /**
   * Take news of one cell.
   *
   * @param {Cell & {bar: [number, number]}} cell - With how much of the run's work is done, and
   *   how much there is.
   * @param {number} now - In milliseconds.
   */
  setCell(cell, now) {
    const key = keyOf(cell.x, cell.y, cell.z);
    this.cells.set(key, cell);
    this.atWork.delete(key);
    if (cell.status === "done") {
      const [done, total] = cell.bar;
      this.firstMade ??= { time: now, done };
      this.lastMade = { time: now, done, total };
      this.madeCount += 1;
    }
  }

  /** @param {Place[]} places - The cells that are worked on now. */
  setWork(places) {
    this.atWork = new Set(places.map((place) => keyOf(...place)));
  }

  /**
   * The run is over.
   *
   * @param {boolean} [early] - Before its last cell. Where not all cells were wanted, some may be
   *   missing all the same. It does not count once the run is known to be over.
   */
  stop(early = true) {
    if (this.isRunning !== false) this.endedEarly = early;
    this.isRunning = false;
    this.atWork.clear();
  }

  /** Whether the sweep runs, and at which cells, is not known any more. */
  loseSight() {
    this.isRunning = null;
    this.atWork.clear();
  }

  /** @returns {Record<string, number>} The number of cells of each status. */
  get counts() {
    const [columns, rows, pages] = this.shape;
    const counts = { done: 0, reused: 0, failed: 0, missing: columns * rows * pages };
    for (const { status } of this.cells.values()) {
      if (status === "missing") continue;
      counts[status] += 1;
      counts.missing -= 1;
    }
    return counts;
  }

  /**
   * @param {number} now - In milliseconds.
   * @returns {Progress}
   */
  progress(now) {
    const { done, reused, failed, missing } = this.counts;
    const isWorkLeft = missing > 0 || this.atWork.size > 0; // a cell may be made anew
    return {
      total: done + reused + failed + missing,
      finished: done + reused,
      failed,
      stopped: this.isRunning === false && this.endedEarly && missing > 0,
      secondsLeft: this.isRunning && isWorkLeft ? this.secondsLeft(now) : null,
    };
  }

  /**
   * How long the rest will take if the work goes on as it did between this run's first cell and
   * its last. What came before the first, such as loading the model, is no measure.
   *
   * @param {number} now - In milliseconds.
   * @returns {number | null}
   */
  secondsLeft(now) {
    const { firstMade, lastMade } = this;
    if (!firstMade || !lastMade || this.madeCount < ENOUGH_CELLS) return null;
    const work = lastMade.done - firstMade.done;
    if (work <= 0) return null;
    const rest = ((lastMade.time - firstMade.time) / work) * (lastMade.total - lastMade.done);
    return Math.max(0, rest - (now - lastMade.time)) / 1000;
  }
}

/**
 * @param {Cell} cell
 * @returns {boolean} Whether there is a picture of it.
 */
export function isFinished(cell) {
  return FINISHED.includes(cell.status);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @returns {string}
 */
function keyOf(x, y, z) {
  return `${x} ${y} ${z}`;
}
