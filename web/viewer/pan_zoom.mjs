/**
 * Moving over the sheet: dragging scrolls it, and the wheel with Ctrl or two fingers zoom.
 *
 * @module pan_zoom
 */

import { rootOf } from "./elements.mjs";

/** Pixels of a cell's width. */
const SMALLEST = 24;
const LARGEST = 4096;

/** How much larger one press of + makes the cells. */
const FACTOR = 1.25;

/** How far the wheel turns for e times the size. */
const WHEEL = 300;

/** Pixels that a press may move and still be a click. */
const CLICK = 4;

/** Zooms a sheet by the width of its cells, and lets a mouse drag it. */
export class PanZoom {
  /**
   * @param {HTMLElement} scrolled
   * @param {() => void} onZoom called when the cells have another size
   */
  constructor(scrolled, onZoom) {
    this._scrolled = scrolled;
    this._onZoom = onZoom;
    this._width = 0;
    this._wanted = 0;
    this._drag();
    this._wheel();
    this._pinch();
  }

  /** Make the cells larger or smaller by steps. @param {number} steps */
  zoom(steps) {
    const { left, top, width, height } = this._scrolled.getBoundingClientRect();
    this._zoomTo(this._width * FACTOR ** steps, left + width / 2, top + height / 2);
  }

  /**
   * Make the cells as wide as fit side by side.
   *
   * @param {number} columns how many
   * @param {number} least width that they have in any case, in pixels
   * @param {number} most width that is no use to exceed
   */
  fit(columns, least, most) {
    const corner = this._scrolled.querySelector(".corner");
    const gap = parseFloat(getComputedStyle(this._scrolled).getPropertyValue("--gap"));
    const beside = (corner?.getBoundingClientRect().width ?? 0) + 2 * gap;
    const room = (this._scrolled.clientWidth - beside) / columns - gap;
    this._setWidth(Math.max(least, Math.min(Math.floor(room), most)));
    this._scrolled.scrollTo(0, 0);
  }

  /** @param {number} width */
  _setWidth(width) {
    this._width = Math.min(LARGEST, Math.max(SMALLEST, width));
    this._scrolled.style.setProperty("--cell", `${this._width}px`);
    this._onZoom();
  }

  /**
   * Change the width, and keep what is under a point of the window there.
   *
   * @param {number} width
   * @param {number} x
   * @param {number} y
   */
  _zoomTo(width, x, y) {
    const under =
      rootOf(this._scrolled).elementFromPoint(x, y)?.closest(".cell") ??
      nearest(this._scrolled, x, y);
    if (!under) return;
    const before = under.getBoundingClientRect();
    const across = (x - before.left) / before.width;
    const down = (y - before.top) / before.height;
    this._setWidth(width);
    const after = under.getBoundingClientRect();
    this._scrolled.scrollBy(
      after.left + across * after.width - x,
      after.top + down * after.height - y,
    );
  }

  /**
   * Zoom before the next frame, however many events ask for it.
   *
   * @param {number} factor
   * @param {number} x
   * @param {number} y
   */
  _zoomSoon(factor, x, y) {
    if (!this._wanted) {
      this._wanted = this._width;
      requestAnimationFrame(() => {
        this._zoomTo(this._wanted, x, y);
        this._wanted = 0;
      });
    }
    this._wanted *= factor;
  }

  _drag() {
    const scrolled = this._scrolled;
    /** @type {{x: number, y: number, left: number, top: number} | undefined} */
    let start;
    let isDragged = false;
    scrolled.addEventListener("pointerdown", (event) => {
      const isOnBar = event.offsetX > scrolled.clientWidth || event.offsetY > scrolled.clientHeight;
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      if (event.target === scrolled && isOnBar) return;
      const { scrollLeft: left, scrollTop: top } = scrolled;
      start = { x: event.clientX, y: event.clientY, left, top };
      isDragged = false;
    });
    scrolled.addEventListener("pointermove", (event) => {
      if (!start) return;
      const [right, down] = [event.clientX - start.x, event.clientY - start.y];
      if (!isDragged && Math.hypot(right, down) < CLICK) return;
      if (!isDragged) scrolled.setPointerCapture(event.pointerId);
      isDragged = true;
      scrolled.classList.add("dragged");
      scrolled.scrollTo(start.left - right, start.top - down);
    });
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      scrolled.addEventListener(end, () => {
        start = undefined;
        scrolled.classList.remove("dragged");
      });
    }
    scrolled.addEventListener(
      "click",
      (event) => {
        if (isDragged) event.stopImmediatePropagation();
        isDragged = false;
      },
      { capture: true },
    );
  }

  _wheel() {
    this._scrolled.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return; // scrolls
        event.preventDefault();
        this._zoomSoon(Math.exp(-event.deltaY / WHEEL), event.clientX, event.clientY);
      },
      { passive: false },
    );
  }

  _pinch() {
    let distance = 0;
    this._scrolled.addEventListener("touchstart", (event) => {
      if (event.touches.length === 2) distance = spread(event.touches);
    });
    this._scrolled.addEventListener(
      "touchmove",
      (event) => {
        if (event.touches.length !== 2) return;
        event.preventDefault();
        const [a, b] = event.touches;
        const now = spread(event.touches);
        const [x, y] = [(a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2];
        this._zoomSoon(now / distance, x, y);
        distance = now;
      },
      { passive: false },
    );
  }
}

/** @param {TouchList} touches */
function spread([a, b]) {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}

/**
 * The cell nearest to a point of the window.
 *
 * @param {HTMLElement} scrolled
 * @param {number} x
 * @param {number} y
 */
function nearest(scrolled, x, y) {
  /** @type {Element | undefined} */
  let best;
  let least = Infinity;
  for (const cell of scrolled.querySelectorAll(".cell")) {
    const { left, right, top, bottom } = cell.getBoundingClientRect();
    const distance = Math.hypot(x - (left + right) / 2, y - (top + bottom) / 2);
    if (distance < least) [best, least] = [cell, distance];
  }
  return best;
}
