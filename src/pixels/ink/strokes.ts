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

/** Marks this near to the edge, as a part of the page's longer side, are the scanner's. */
const EDGE = 0.012;
/** Wider streaks, in pixels, are drawn. */
const STREAK = 3;

/** Whether a mark is a page's edge, or a streak of the scanner's glass that runs straight through the whole page. */
export function isScanners({ left, right, top, bottom }: Stroke, { width, height }: Size): boolean {
  const margin = EDGE * Math.max(width, height);
  const isAtEdge = right < margin || left > width - 1 - margin || bottom < margin || top > height - 1 - margin;
  const isUpright = right - left < STREAK && bottom - top > 0.95 * height;
  const isLevel = bottom - top < STREAK && right - left > 0.95 * width;
  return isAtEdge || isUpright || isLevel;
}
