import { countAt, type Grey, quantile } from './grey.js';
import { holesAmong } from './holes.js';
import { type Around, type Paper, paperOf } from './paper.js';
import { reversedWriting } from './reversed.js';
import { isDust, isScanners, type Stroke, strokesOf } from './strokes.js';
import { grown, isPageLike, surroundOf } from './surround.js';

/**
 * Share of ink, 0…1, below which nothing is written on a page.
 *
 * Found on the generated pages of `ink.test.ts`: of those with nothing on them the most had 0, of those with a number
 * or a pencil stroke on them the least had 0.00008.
 */
export const BLANK_BELOW = 0.00001;

/** Whether a page with this share of ink has nothing written on it. Null, not measured, is not blank. */
export function isBlank(ink: number | null): boolean {
  return ink !== null && ink < BLANK_BELOW;
}

/** Longest side, in pixels, of the pictures in which {@link inkShare} sees a pencil line: 85 dots an inch for A4. */
export const INK_SIDE = 1000;

/** Writing differs from its paper by at least this, of 255: what shines through from the other side does not. */
const LEAST_CONTRAST = 18;
/** More is asked for on rough paper, up to this. */
const MOST_CONTRAST = 60;
/** How many standard deviations of the paper's grain a pixel of writing differs from it. */
const SIGMAS = 4.5;
/** Standard deviation ÷ median of the differences from the mean, of a normal distribution. */
const SIGMA_OF_MEDIAN = 1.4826;
/** A stroke has at least this many pixels that differ by this many times as much: what shines through has none. */
const DARK_PIXELS = 4;
const DARK = 1.4;
/** With a larger share of such pixels nobody asks whether they are dust. */
const PLENTY = 0.02;
/** Paper that is lighter is mostly written on with dark ink, film that is darker with light. */
const LIGHT_PAPER = 176;
const DARK_FILM = 80;
/** Light ink on light paper, or dark on dark film, differs from it by at least this. */
const LEAST_OTHER_CONTRAST = 20;
/** So many pixels beside the scanner's background its rim is blurred, or the page's edge throws a shadow. */
const RIM = 24;
/** So many of them are its rim wherever nothing else is found. */
const LEAST_RIM = 3;

/**
 * Measures which share of a page is ink: 0 (none) … 1. Ink is darker than light paper and lighter than dark film, by more
 * than the paper's own grain. Uneven light, the scanner's background and edges, punch holes, what shines through from
 * the other side and dust are none. Of a picture that is no page, `isPage`, only dust is none. A background that is
 * written on is none: light writing in the dark bar of a letterhead is ink. Where there is none of all this, ink may also
 * be lighter than light paper, or stand close to a dark bar.
 */
export function inkShare(page: Grey, isPage: boolean = isPageLike(page)): number {
  const around = aroundOf(page, isPage);
  const reversed = around === null ? 0 : sizeOf(reversedWriting(page, around.outside));
  const paper = paperOf(page, around);
  const seen = paper.seen === 0 ? page.pixels.length : paper.seen;
  const { mask, dark, marked } = marksOn(paper);
  if (dark > PLENTY * seen) return marked / seen;
  const share = (reversed + sizeOf(inkAmong(mask, page, isPage))) / seen;
  if (!isBlank(share)) return share;
  return (otherInk(paper, page, isPage) + (around === null ? 0 : inkBeside(around, page))) / seen;
}

function aroundOf(page: Grey, isPage: boolean): Around | null {
  const outside = isPage ? surroundOf(page) : null;
  return outside === null ? null : { outside, hidden: grown(outside, page, RIM) };
}

/** The strokes of a page that somebody has written. */
function inkAmong(mask: Uint8Array, page: Grey, isPage: boolean): readonly Stroke[] {
  const strokes = strokesOf(mask, page).filter((stroke) => !isDust(stroke) && stroke.dark >= DARK_PIXELS);
  if (!isPage) return strokes;
  const holes = holesAmong(strokes, page);
  return strokes.filter((stroke) => !holes.has(stroke) && !isScanners(stroke, page));
}

/** How much is written in what is lighter than light paper or darker than dark film. A lid behind the page is neither. */
function otherInk({ tone, deviation, seen }: Paper, page: Grey, isPage: boolean): number {
  const contrast = Math.max(LEAST_OTHER_CONTRAST, contrastFor(deviation, seen));
  const [darker, lighter] = [tone > DARK_FILM ? 0 : 1, tone < LIGHT_PAPER ? 0 : 1];
  const mask = new Uint8Array(deviation.length);
  markOn(mask, deviation, { contrast, darker, lighter });
  const isLid = (value: number): boolean => (tone - value) * (darker - lighter) > contrast;
  const lid = isPage ? surroundOf(page, isLid) : null;
  return sizeOf(apartFrom(lid, inkAmong(mask, page, isPage), page));
}

/** How much is written close to the background: what hangs together with its rim is a part of that. */
function inkBeside({ outside }: Around, page: Grey): number {
  const hidden = grown(outside, page, LEAST_RIM);
  const { mask } = marksOn(paperOf(page, { outside, hidden }));
  return sizeOf(apartFrom(outside, inkAmong(mask, page, true), page));
}

/** The strokes that do not touch the rim of what is around the page. */
function apartFrom(outside: Uint8Array | null, strokes: readonly Stroke[], page: Grey): readonly Stroke[] {
  if (outside === null) return strokes;
  const rim = grown(outside, page, LEAST_RIM + 2);
  return strokes.filter(({ places }) => !places.some((place) => rim[place] === 1));
}

function sizeOf(strokes: readonly Stroke[]): number {
  return strokes.reduce((sum, { places }) => sum + places.length, 0);
}

/** Where the ink of a page is, as y × width + x. */
export function inkPlaces(page: Grey): readonly number[] {
  const { mask } = marksOn(paperOf(page, aroundOf(page, isPageLike(page))));
  const places: number[] = [];
  for (let at = 0; at < mask.length; at += 1) if (mask[at] !== 0) places.push(at);
  return places;
}

/** How much of a page's words, 0…1, may be lower than {@link letterHeight} says: headings are not what is small. */
const SMALL_SHARE = 0.25;

/** How high the letters of a page are, in pixels: the height that a quarter of its words do not reach. Null: none. */
export function letterHeight(page: Grey): number | null {
  const { mask } = marksOn(paperOf(page, aroundOf(page, isPageLike(page))));
  const heights = strokesOf(mask, page)
    .filter((stroke) => !isDust(stroke) && stroke.dark >= DARK_PIXELS)
    .map(({ top, bottom }) => bottom - top + 1)
    .sort((a, b) => a - b);
  return heights[Math.floor(heights.length * SMALL_SHARE)] ?? null;
}

interface Marks {
  /** A byte a pixel: 0 paper, 1 a mark, 2 a dark one. */
  readonly mask: Uint8Array;
  /** How many dark ones, and how many of either kind. */
  readonly dark: number;
  readonly marked: number;
}

function marksOn({ tone, deviation, seen }: Paper): Marks {
  const contrast = contrastFor(deviation, seen);
  const [darker, lighter] = [tone > DARK_FILM ? 1 : 0, tone < LIGHT_PAPER ? 1 : 0];
  const mask = new Uint8Array(deviation.length);
  return { mask, ...markOn(mask, deviation, { contrast, darker, lighter }) };
}

interface Marking {
  readonly contrast: number;
  /** 1 where what is darker (lighter) than the paper is ink, else 0. */
  readonly darker: number;
  readonly lighter: number;
}

function markOn(
  mask: Uint8Array,
  deviation: Int16Array,
  { contrast, darker, lighter }: Marking,
): Pick<Marks, 'dark' | 'marked'> {
  let [dark, marked] = [0, 0];
  for (let at = 0; at < deviation.length; at += 1) {
    const signed = deviation[at] ?? 0;
    const by = signed > 0 ? signed * darker : -signed * lighter;
    if (by <= contrast) continue;
    const isDark = by > DARK * contrast;
    mask[at] = isDark ? 2 : 1;
    marked += 1;
    if (isDark) dark += 1;
  }
  return { dark, marked };
}

/** How much a pixel must differ from the paper, by how much the paper differs from itself. */
function contrastFor(deviation: Int16Array, seen: number): number {
  const counts = grainsOf(deviation);
  counts[0] = (counts[0] ?? 0) - (deviation.length - seen); // what is not looked at has no grain
  const median = quantile(counts, { share: 0.5, total: seen });
  return Math.min(MOST_CONTRAST, Math.max(LEAST_CONTRAST, SIGMAS * SIGMA_OF_MEDIAN * median));
}

/** How often each difference from the paper occurs. */
function grainsOf(deviation: Int16Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (let at = 0; at < deviation.length; at += 1) countAt(counts, Math.min(255, Math.abs(deviation[at] ?? 0)));
  return counts;
}
