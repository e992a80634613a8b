import type { Size } from '../sizing.js';
import { type Grey, toneOf } from './grey.js';

/** A stretch of the picture's edge this long, as a part of its side, is no letter that was cut through. */
const LEAST_RUN = 0.08;
/** Thinner or smaller pictures are no pages: lines and words that were cut out, whose letters may touch the edge. */
const LEAST_PAGE_SIDE = 180;
const MOST_PAGE_ASPECT = 2.5;
/** Where more than this would be cut away, the picture is no page on a background. */
const MOST_SURROUND = 0.6;

/** Whether a picture is of the shape and size of a page, of which a scanner may show more than the page. */
export function isPageLike({ width, height }: Size): boolean {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  return short >= LEAST_PAGE_SIDE && long / short <= MOST_PAGE_ASPECT;
}

/**
 * What a scanner or camera shows around a page: all that hangs together with the picture's edge and is as dark as ink
 * (on dark film: as light). Shadows, which become so only slowly, are no part of it.
 *
 * @param isBackground - whether a pixel of this brightness may be a part of it
 * @returns a byte a pixel, 1 outside of the page; null where there is nothing around it
 */
export function surroundOf(page: Grey, isBackground = likeInk(toneOf(page))): Uint8Array | null {
  const { width, height, pixels } = page;
  const isOther = (at: number): boolean => isBackground(pixels[at] ?? 0);
  const outside = new Uint8Array(pixels.length);
  const queue: number[] = [];
  for (const start of edgeStarts(page, isOther)) {
    outside[start] = 1;
    queue.push(start);
  }
  let found = queue.length;
  const visit = (at: number): void => {
    if (outside[at] === 1 || !isOther(at)) return;
    outside[at] = 1;
    found += 1;
    queue.push(at);
  };
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const x = at % width;
    if (x > 0) visit(at - 1);
    if (x < width - 1) visit(at + 1);
    if (at >= width) visit(at - width);
    if (at < width * (height - 1)) visit(at + width);
  }
  return found === 0 || found > MOST_SURROUND * pixels.length ? null : outside;
}

function likeInk(tone: number): (value: number) => boolean {
  return (value) => (tone >= 128 ? value < 0.45 * tone : value > tone + 0.55 * (255 - tone));
}

/** The pixels of the picture's edge that lie in a long enough stretch of the same kind. */
function edgeStarts({ width, height }: Grey, isOther: (at: number) => boolean): readonly number[] {
  const sides = [
    { first: 0, step: 1, length: width },
    { first: (height - 1) * width, step: 1, length: width },
    { first: 0, step: width, length: height },
    { first: width - 1, step: width, length: height },
  ];
  return sides.flatMap(({ first, step, length }) => {
    const starts: number[] = [];
    let run: number[] = [];
    for (let place = 0; place <= length; place += 1) {
      const at = first + place * step;
      if (place < length && isOther(at)) run.push(at);
      else {
        if (run.length >= LEAST_RUN * length) starts.push(...run);
        run = [];
      }
    }
    return starts;
  });
}

/** A mask, a byte a pixel, with all that lies no further than `by` pixels beside or above what it marks. */
export function grown(mask: Uint8Array, { width, height }: Size, by: number): Uint8Array {
  const across = new Uint8Array(mask.length);
  for (let y = 0; y < height; y += 1) spread(mask, across, { from: y * width, step: 1, length: width, by });
  const all = new Uint8Array(mask.length);
  for (let x = 0; x < width; x += 1) spread(across, all, { from: x, step: width, length: height, by });
  return all;
}

interface Line {
  readonly from: number;
  readonly step: number;
  readonly length: number;
  readonly by: number;
}

/** Marks what lies near enough to a mark on a line, on either side. */
function spread(mask: Uint8Array, into: Uint8Array, { from, step, length, by }: Line): void {
  const last = from + (length - 1) * step;
  for (const [start, way] of [
    [from, step],
    [last, -step],
  ] as const) {
    let left = -1;
    for (let place = 0, at = start; place < length; place += 1, at += way) {
      left = mask[at] === 1 ? by : left - 1;
      if (left >= 0) into[at] = 1;
    }
  }
}
