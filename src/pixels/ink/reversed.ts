import { countAt, type Grey, quantile } from './grey.js';
import { isDust, type Stroke, strokesOf } from './strokes.js';

/** Writing differs from the bar that it stands in by at least this, of 255. */
const LEAST_CONTRAST = 30;
/** How many median deviations of the bar's own grain a pixel of writing differs from it. */
const GRAINS = 7;
/** What is at least this long, as a part of the longer side, and fills this much of its box, is a page. */
const PAGE_SIDE = 1 / 3;
const PAGE_FILL = 0.5;

/**
 * Writing inside of what looks like a scanner's background: light on a dark bar of a slide or a letterhead, on film dark
 * on a light one. A background has none. Dust is none, and neither is a page that lies on the background.
 *
 * @param outside - a byte a pixel, 1 for the background
 */
export function reversedWriting(page: Grey, outside: Uint8Array): readonly Stroke[] {
  const mask = standsOut(page, outside);
  const queue = new Int32Array(mask.length);
  for (let start = 0; start < mask.length; start += 1) {
    if (mask[start] !== 1) continue;
    const island = floodFrom(start, { mask, outside, queue }, page);
    if (island.isEnclosed && !isPage(island, page)) {
      for (let at = 0; at < island.pixels; at += 1) mask[queue[at] ?? 0] = 2;
    }
  }
  return strokesOf(mask, page).filter((stroke) => !isDust(stroke));
}

/** Marks what differs from the background towards the page's tone. */
function standsOut({ pixels }: Grey, outside: Uint8Array): Uint8Array {
  const counts = new Uint32Array(256);
  let total = 0;
  for (let at = 0; at < pixels.length; at += 1) {
    if (outside[at] !== 1) continue;
    countAt(counts, pixels[at] ?? 0);
    total += 1;
  }
  const tone = quantile(counts, { share: 0.5, total });
  const grains = new Uint32Array(256);
  for (let at = 0; at < pixels.length; at += 1) {
    if (outside[at] === 1) countAt(grains, Math.abs((pixels[at] ?? 0) - tone));
  }
  const contrast = Math.max(LEAST_CONTRAST, GRAINS * quantile(grains, { share: 0.5, total }));
  const [above, below] = tone < 128 ? [tone + contrast, -1] : [256, tone - contrast];
  const mask = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 1) {
    const value = pixels[at] ?? 0;
    if (value > above || value < below) mask[at] = 1;
  }
  return mask;
}

interface Island {
  readonly pixels: number;
  readonly width: number;
  readonly height: number;
  /** Whether the background touches it. */
  readonly isEnclosed: boolean;
}

interface Sea {
  readonly mask: Uint8Array;
  readonly outside: Uint8Array;
  /** Takes the island's places. */
  readonly queue: Int32Array;
}

/** Follows what hangs together, and takes it out of the mask. */
function floodFrom(start: number, { mask, outside, queue }: Sea, { width, height }: Grey): Island {
  let [pixels, isEnclosed] = [0, false];
  const visit = (at: number): void => {
    if (mask[at] === 1) {
      mask[at] = 0;
      queue[pixels] = at;
      pixels += 1;
    } else if (outside[at] === 1) isEnclosed = true;
  };
  visit(start);
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let next = 0; next < pixels; next += 1) {
    const at = queue[next] ?? 0;
    const x = at % width;
    const y = (at - x) / width;
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    if (x > 0) visit(at - 1);
    if (x < width - 1) visit(at + 1);
    if (y > 0) visit(at - width);
    if (y < height - 1) visit(at + width);
  }
  return { pixels, isEnclosed, width: right - left + 1, height: bottom - top + 1 };
}

function isPage({ pixels, width, height }: Island, page: Grey): boolean {
  const isLong = Math.max(width, height) >= PAGE_SIDE * Math.max(page.width, page.height);
  return isLong && pixels >= PAGE_FILL * width * height;
}
