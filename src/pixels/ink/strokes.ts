import type { Size } from '../sizing.js';

/** Marks that lie together: a letter, a word, a line, a hole. Coordinates in pixels, all of them inside. */
export interface Stroke {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Places of its pixels, as y × width + x. */
  readonly places: readonly number[];
  /** How many of them are dark. */
  readonly dark: number;
}

/** Pixels no further apart than this belong together. */
const REACH = 2;

/** Takes a picture's marks (in the mask 1, dark ones 2) apart into those that hang together. The mask is used up. */
export function strokesOf(mask: Uint8Array, { width, height }: Size): readonly Stroke[] {
  const strokes: Stroke[] = [];
  for (let start = 0; start < mask.length; start += 1) {
    if (mask[start] !== 0) strokes.push(strokeFrom(start, mask, { width, height }));
  }
  return strokes;
}

function strokeFrom(start: number, mask: Uint8Array, { width, height }: Size): Stroke {
  const places: number[] = [];
  let dark = 0;
  const take = (place: number): void => {
    const mark = mask[place] ?? 0;
    if (mark === 0) return;
    if (mark === 2) dark += 1;
    mask[place] = 0;
    places.push(place);
  };
  take(start);
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let next = 0; next < places.length; next += 1) {
    const at = places[next] ?? 0;
    const x = at % width;
    const y = (at - x) / width;
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    for (let v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v += 1) {
      const last = v * width + Math.min(width - 1, x + REACH);
      for (let place = v * width + Math.max(0, x - REACH); place <= last; place += 1) take(place);
    }
  }
  return { left, right, top, bottom, places, dark };
}

/** Marks smaller than this many pixels, or no longer than that, are dust. */
const LEAST_PIXELS = 12;
const LEAST_LENGTH = 7;

/** Whether a mark is too small for a digit. */
export function isDust({ left, right, top, bottom, places }: Stroke): boolean {
  return places.length < LEAST_PIXELS || Math.max(right - left, bottom - top) + 1 < LEAST_LENGTH;
}

/** A punch hole's width, as parts of the page's longer side, and how far from an edge its middle lies at most. */
const HOLE = { least: 0.016, most: 0.045, margin: 0.1 } as const;

/** Whether a mark is a punch hole in the page's margin: a disc, or a part of its rim that throws a shadow. */
export function isHole(stroke: Stroke, { width, height }: Size): boolean {
  const { left, right, top, bottom, places } = stroke;
  const [wide, high] = [right - left + 1, bottom - top + 1];
  const long = Math.max(width, height);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  if (Math.min(x, width - x, y, height - y) > HOLE.margin * long || Math.max(wide, high) > HOLE.most * long)
    return false;
  const fill = places.length / (wide * high);
  const isDisc = Math.min(wide, high) > 0.8 * Math.max(wide, high) && fill > 0.68 && fill < 0.9;
  if (isDisc) return Math.max(wide, high) >= HOLE.least * long;
  const diameter = arcDiameter(places, width);
  return diameter !== null && diameter >= HOLE.least * long && diameter <= HOLE.most * long;
}

/** How far the pixels of an arc lie from its circle at most on average, as a part of the radius. */
const ARC_SPREAD = 0.2;

/**
 * The diameter of the circle on which these places lie, null where they lie on none. The circle of least squares of
 * I. Kåsa, "A circle fitting procedure and its error analysis", IEEE Trans. Instrum. Meas. 25 (1976).
 */
function arcDiameter(places: readonly number[], width: number): number | null {
  const n = places.length;
  const xs = places.map((place) => place % width);
  const ys = places.map((place) => Math.floor(place / width));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(xs), mean(ys)];
  let [xx, yy, xy, xz, yz, zz] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < n; at += 1) {
    const [x, y] = [(xs[at] ?? 0) - mx, (ys[at] ?? 0) - my];
    const z = x * x + y * y;
    [xx, yy, xy, xz, yz, zz] = [xx + x * x, yy + y * y, xy + x * y, xz + x * z, yz + y * z, zz + z];
  }
  const determinant = xx * yy - xy * xy;
  if (determinant < 1e-6 * xx * yy) return null;
  const [cx, cy] = [(xz * yy - yz * xy) / (2 * determinant), (yz * xx - xz * xy) / (2 * determinant)];
  const radius = Math.sqrt(cx * cx + cy * cy + zz / n);
  const spread = Math.sqrt(mean(xs.map((x, at) => (Math.hypot(x - mx - cx, (ys[at] ?? 0) - my - cy) - radius) ** 2)));
  return spread < ARC_SPREAD * radius ? 2 * radius : null;
}

/** Marks this near to the edge, as a part of the page's longer side, are the scanner's. */
const EDGE = 0.012;

/** Whether a mark is a page's edge, or a streak of the scanner's glass that runs straight through the whole page. */
export function isScanners({ left, right, top, bottom }: Stroke, { width, height }: Size): boolean {
  const margin = EDGE * Math.max(width, height);
  const isAtEdge = right < margin || left > width - 1 - margin || bottom < margin || top > height - 1 - margin;
  const isUpright = right - left < 4 && bottom - top > 0.95 * height;
  const isLevel = bottom - top < 4 && right - left > 0.95 * width;
  return isAtEdge || isUpright || isLevel;
}
