import type { Grey } from './ink/grey.js';
import { inkPlaces } from './ink/ink.js';

/** Pages further askew than this, in degrees, are left as they are. */
const MOST_SKEW = 5;
/** Smaller angles cost more sharpness than they are worth. */
const LEAST_SKEW = 0.3;
/** First every half degree is tried, then every twentieth around the best one. */
const COARSE = 0.5;
const FINE = 0.05;
/** More pixels of ink say no more. */
const MOST_PLACES = 5000;
/** With less ink there is no line to go by. */
const LEAST_PLACES = 200;
/** How much clearer the lines must be at the angle than upright. */
const LEAST_GAIN = 1.05;

/**
 * By how many degrees the lines of a page fall to the right, below 0 where they rise; 0 where they are level, or where
 * nothing tells. The angle is the one at which ink lies in rows most sharply: the projection profile of W. Postl,
 * "Detection of linear oblique structures and skew scan in digitized documents" (1986).
 */
export function skewOf(page: Grey): number {
  const places = inkPlaces(page);
  if (places.length < LEAST_PLACES) return 0;
  const points = pointsOf(places, page.width);
  const clarity = (degrees: number): number => clarityAt(points, page, degrees);
  const coarse = sharpest({ from: -MOST_SKEW, to: MOST_SKEW, step: COARSE }, clarity);
  const angle = sharpest({ from: coarse - COARSE, to: coarse + COARSE, step: FINE }, clarity);
  const isSure = clarity(angle) > LEAST_GAIN * clarity(0) && Math.abs(angle) < MOST_SKEW;
  return isSure && Math.abs(angle) >= LEAST_SKEW ? angle : 0;
}

interface Points {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

function pointsOf(places: readonly number[], width: number): Points {
  const step = Math.max(1, places.length / MOST_PLACES);
  const count = Math.floor(places.length / step);
  const [x, y] = [new Float32Array(count), new Float32Array(count)];
  for (let at = 0; at < count; at += 1) {
    const place = places[Math.floor(at * step)] ?? 0;
    x[at] = place % width;
    y[at] = Math.floor(place / width);
  }
  return { x, y };
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

function sharpest({ from, to, step }: Range, clarity: (degrees: number) => number): number {
  let best = { degrees: 0, clarity: -1 };
  for (let n = 0; n <= Math.round((to - from) / step); n += 1) {
    const degrees = from + n * step;
    const found = clarity(degrees);
    if (found > best.clarity) best = { degrees, clarity: found };
  }
  return best.degrees;
}

/** How unequal the rows are that lie at this angle: the sum of the squares of their ink. */
function clarityAt({ x, y }: Points, { width, height }: Grey, degrees: number): number {
  const slope = Math.tan((degrees * Math.PI) / 180);
  const above = Math.ceil(Math.abs(slope) * width);
  const rows = new Uint32Array(height + 2 * above + 1);
  for (let at = 0; at < x.length; at += 1) {
    const row = Math.round((y[at] ?? 0) - slope * (x[at] ?? 0)) + above;
    rows[row] = (rows[row] ?? 0) + 1;
  }
  let sum = 0;
  for (let row = 0; row < rows.length; row += 1) sum += (rows[row] ?? 0) ** 2;
  return sum;
}
