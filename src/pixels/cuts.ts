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
/** Rows whose pixels differ by no more than this, of 255, hold no writing, unless */
const MOST_GRAIN = 16;
/** they differ by more than this, and by so many times as much as the calmest row of the strip: pencil on smooth paper. */
const LEAST_FAINT = 4;
const TIMES_GRAIN = 3;
/** Of a strip that two parts share, how much each cut may give up to lie between two lines. */
const MOST_MOVE = 1 / 3;

/** Moves the cuts of a page between its lines, as far as the strips allow that two parts share. */
export async function cutBetweenLines(source: Source, parts: readonly Rect[]): Promise<readonly Part[]> {
  const size = { width: ROW_WIDTH, height: source.facts.upright.height };
  const { result: rows } = await tolerant(source, (encoded) => renderRaster(encoded, { plan: exactly(size) }));
  return moved(parts, contrastOf(rows.pixels));
}

/** How much the pixels of each row differ from one another, in the colour in which they do most: yellow is light in green. */
function contrastOf(pixels: Uint8Array): Uint8Array {
  const contrast = new Uint8Array(pixels.length / (ROW_WIDTH * CHANNELS));
  for (let row = 0; row < contrast.length; row += 1) {
    for (let colour = 0; colour < CHANNELS; colour += 1) {
      contrast[row] = Math.max(contrast[row] ?? 0, rangeOf(pixels, row * ROW_WIDTH * CHANNELS + colour));
    }
  }
  return contrast;
}

/** How much the pixels of a row differ in one colour, of which the first stands at `from`. */
function rangeOf(pixels: Uint8Array, from: number): number {
  let [least, most] = [255, 0];
  for (let at = from; at < from + ROW_WIDTH * CHANNELS; at += CHANNELS) {
    const value = pixels[at] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return most - least;
}

/** Whether rows of a page with this contrast hold writing, however faint. */
function isWritten(contrast: Uint8Array): boolean {
  const [least, most] = [Math.min(...contrast), Math.max(...contrast)];
  return most > MOST_GRAIN || (most > LEAST_FAINT && most > TIMES_GRAIN * least);
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
    const shares = above !== undefined && isWritten(contrast.subarray(above.top, above.end));
    return { ...part, top, height, shared: shares ? (above.end - above.top) / height : 0 };
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
    const sum = around.reduce((total, by) => total + (by > LEAST_FAINT ? by : 0), 0);
    if (sum < best.contrast) best = { edge, contrast: sum };
  }
  return best.edge;
}
