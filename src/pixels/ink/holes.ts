import type { Size } from '../sizing.js';
import type { Stroke } from './strokes.js';

/** A punch hole's width, as parts of the page's longer side, and how far from an edge its middle lies at most. */
const HOLE = { least: 0.016, most: 0.045, margin: 0.1 } as const;
/** Holes of one punch lie in line, within this part of the longer side, and at least so far apart. */
const IN_LINE = 0.015;
const LEAST_APART = 0.12;

/** A stroke that may be a hole. */
interface Round {
  readonly stroke: Stroke;
  readonly isDisc: boolean;
  readonly x: number;
  readonly y: number;
}

/**
 * The marks that are punch holes in the page's margin: discs, and where a hole throws a shadow, a part of its rim. A rim
 * alone may as well be a letter: it is a hole only in line with another one.
 */
export function holesAmong(strokes: readonly Stroke[], page: Size): ReadonlySet<Stroke> {
  const round = strokes.flatMap((stroke) => roundOf(stroke, page));
  const holes = round.filter((one) => one.isDisc || round.some((other) => arePunchedTogether(one, other, page)));
  return new Set(holes.map(({ stroke }) => stroke));
}

function arePunchedTogether(one: Round, other: Round, { width, height }: Size): boolean {
  const long = Math.max(width, height);
  const [across, down] = [Math.abs(one.x - other.x) / long, Math.abs(one.y - other.y) / long];
  return Math.min(across, down) <= IN_LINE && Math.max(across, down) >= LEAST_APART;
}

function roundOf(stroke: Stroke, { width, height }: Size): readonly Round[] {
  const { left, right, top, bottom, places } = stroke;
  const [wide, high] = [right - left + 1, bottom - top + 1];
  const long = Math.max(width, height);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const isInMargin = Math.min(x, width - x, y, height - y) <= HOLE.margin * long;
  if (!isInMargin || Math.max(wide, high) > HOLE.most * long) return [];
  const fill = places.length / (wide * high);
  const isRound = Math.min(wide, high) > 0.8 * Math.max(wide, high) && fill > 0.68 && fill < 0.9;
  const isDisc = isRound && isSolid(stroke, width);
  const diameter = isDisc ? Math.max(wide, high) : arcDiameter(places, width);
  const isHoleSized = diameter !== null && diameter >= HOLE.least * long && diameter <= HOLE.most * long;
  return isHoleSized ? [{ stroke, isDisc, x, y }] : [];
}

/** The inner part of a disc, of its radius, and how much of that is marked where nothing stands in it. */
const INNER = { radius: 0.7, fill: 0.95 } as const;

/** Whether a disc is filled: a stamp has writing in it. */
function isSolid({ left, right, top, bottom, places }: Stroke, width: number): boolean {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const radius = (INNER.radius * (Math.min(right - left, bottom - top) + 1)) / 2;
  const inside = places.filter((place) => Math.hypot((place % width) - x, Math.floor(place / width) - y) <= radius);
  return inside.length >= INNER.fill * Math.PI * radius * radius;
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
