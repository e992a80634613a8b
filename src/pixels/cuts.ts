import { renderRaster } from './codec.js';
import { CHANNELS } from './raster.js';
import { exactly, type Rect } from './sizing.js';
import { type Source, tolerant } from './source.js';

/** A part of a page, from its left to its right edge. */
export interface Part extends Rect {
  /** Which share of its height, 0…1, the part above it shows too; 0 where nothing stands there. */
  readonly shared: number;
}

/** So many pixels of each row are compared: enough to tell a line of writing from the paper between two. */
const ROW_WIDTH = 64;
/** A cut keeps so many rows away from writing, where it can. */
const CLEARANCE = 2;
/** Rows whose pixels differ by no more than this, of 255, hold no writing. */
const MOST_GRAIN = 16;
/** Of a strip that two parts share, how much each cut may give up to lie between two lines. */
const MOST_MOVE = 1 / 3;

/** Moves the cuts of a page between its lines, as far as the strips allow that two parts share. */
export async function cutBetweenLines(source: Source, parts: readonly Rect[]): Promise<readonly Part[]> {
  const size = { width: ROW_WIDTH, height: source.facts.upright.height };
  const { result: rows } = await tolerant(source, (encoded) => renderRaster(encoded, { plan: exactly(size) }));
  return moved(parts, contrastOf(rows.pixels));
}

/** How much the pixels of each row differ from one another. */
function contrastOf(pixels: Uint8Array): Uint8Array {
  const step = ROW_WIDTH * CHANNELS;
  return Uint8Array.from({ length: pixels.length / step }, (_, row) => {
    let [least, most] = [255, 0];
    for (let at = row * step + 1; at < (row + 1) * step; at += CHANNELS) {
      const green = pixels[at] ?? 0;
      [least, most] = [Math.min(least, green), Math.max(most, green)];
    }
    return most - least;
  });
}

function moved(parts: readonly Rect[], contrast: Uint8Array): readonly Part[] {
  const strips = parts.slice(1).map((part, at) => {
    const above = parts[at] ?? part;
    const end = above.top + above.height;
    const move = Math.floor((end - part.top) * MOST_MOVE);
    return {
      top: calmest({ from: part.top, step: 1, rows: move }, contrast),
      end: calmest({ from: end, step: -1, rows: move }, contrast),
    };
  });
  return parts.map((part, at) => {
    const [above, below] = [strips[at - 1], strips[at]];
    const top = above?.top ?? part.top;
    const height = (below?.end ?? part.top + part.height) - top;
    const isWritten = above !== undefined && contrast.subarray(above.top, above.end).some((by) => by > MOST_GRAIN);
    return { ...part, top, height, shared: isWritten ? (above.end - above.top) / height : 0 };
  });
}

interface Way {
  readonly from: number;
  readonly step: 1 | -1;
  readonly rows: number;
}

/** The row edge with the least writing around it; of several, the one that the strip loses least by. */
function calmest({ from, step, rows }: Way, contrast: Uint8Array): number {
  let best = { edge: from, contrast: Number.POSITIVE_INFINITY };
  for (let moved = 0; moved <= rows; moved += 1) {
    const edge = from + moved * step;
    const around = contrast.subarray(Math.max(0, edge - CLEARANCE), edge + CLEARANCE);
    const sum = around.reduce((total, by) => total + by, 0);
    if (sum < best.contrast) best = { edge, contrast: sum };
  }
  return best.edge;
}
