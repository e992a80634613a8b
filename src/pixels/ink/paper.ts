import { countAt, type Grey, quantile, toneOf } from './grey.js';

/** What lies behind the writing, everywhere on a page. */
export interface Paper {
  /** The brightness that half of the page does not exceed. */
  readonly tone: number;
  /** How much darker (below 0: lighter) than the paper around it each pixel is; 0 where the page is not looked at. */
  readonly deviation: Int16Array;
  /** Pixels that are looked at: all but those of the scanner's own background. */
  readonly seen: number;
}

/** Side of the squares, in pixels, in each of which the paper has one brightness: larger than a letter's stroke. */
const TILE = 16;

interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** What of a picture is no page, a byte a pixel. */
export interface Around {
  /** 1 for the scanner's background. */
  readonly outside: Uint8Array;
  /** 1 for what is not looked at: the background, and as much beside it as its rim is blurred over. */
  readonly hidden: Uint8Array;
}

/** Estimates the paper behind the writing, so that shadows and uneven light are told from it. */
export function paperOf(page: Grey, around: Around | null): Paper {
  const { width, height, pixels } = page;
  const grid = { columns: Math.ceil(width / TILE), rows: Math.ceil(height / TILE) };
  const tone = toneOf(page);
  const tiles = smooth(medians(page, grid, { tone, outside: around?.outside ?? null }), grid);
  const across = between(width, grid.columns);
  const down = between(height, grid.rows);
  const deviation = new Int16Array(pixels.length);
  const middles = new Float32Array(grid.columns + 1);
  let seen = 0;
  for (let y = 0; y < height; y += 1) {
    const above = (down.first[y] ?? 0) * grid.columns;
    blend(tiles, middles, { above, columns: grid.columns, share: down.share[y] ?? 0 });
    const [start, end] = [y * width, (y + 1) * width];
    const isHidden = around?.hidden.subarray(start, end) ?? null;
    seen += deviate(deviation.subarray(start, end), pixels.subarray(start, end), { middles, across, isHidden });
  }
  return { tone, deviation, seen };
}

/** The paper behind a row, and whether each of its pixels is not looked at. */
interface PaperRow {
  readonly middles: Float32Array;
  readonly across: Between;
  readonly isHidden: Uint8Array | null;
}

/** Tells how much a row differs from its paper. @returns its pixels that are looked at */
function deviate(into: Int16Array, row: Uint8Array, { middles, across, isHidden }: PaperRow): number {
  let seen = 0;
  for (let x = 0; x < row.length; x += 1) {
    if (isHidden !== null && isHidden[x] === 1) continue;
    const first = across.first[x] ?? 0;
    const left = middles[first] ?? 0;
    const paper = left + ((middles[first + 1] ?? 0) - left) * (across.share[x] ?? 0);
    into[x] = paper - (row[x] ?? 0);
    seen += 1;
  }
  return seen;
}

/** Mixes two rows of squares. */
function blend(
  tiles: Float32Array,
  into: Float32Array,
  { above, columns, share }: { readonly above: number; readonly columns: number; readonly share: number },
): void {
  for (let column = 0; column < columns; column += 1) {
    const upper = tiles[above + column] ?? 0;
    into[column] = upper + ((tiles[above + columns + column] ?? upper) - upper) * share;
  }
}

/** The middle brightness of each square; where none of it is seen, that of the page. */
function medians(
  page: Grey,
  { columns, rows }: Grid,
  { tone, outside }: { readonly tone: number; readonly outside: Uint8Array | null },
): Float32Array {
  const tiles = new Float32Array(columns * rows);
  const counts = new Uint32Array(256);
  for (let tile = 0; tile < tiles.length; tile += 1) {
    counts.fill(0);
    const total = countTile(page, counts, {
      left: (tile % columns) * TILE,
      top: Math.floor(tile / columns) * TILE,
      outside,
    });
    tiles[tile] = total === 0 ? tone : quantile(counts, { share: 0.5, total });
  }
  return tiles;
}

/** Counts how often each brightness occurs in a square. @returns its pixels that are seen */
function countTile(
  { width, height, pixels }: Grey,
  counts: Uint32Array,
  { left, top, outside }: { readonly left: number; readonly top: number; readonly outside: Uint8Array | null },
): number {
  let seen = 0;
  const right = Math.min(width, left + TILE);
  for (let y = top; y < Math.min(height, top + TILE); y += 1) {
    for (let at = y * width + left; at < y * width + right; at += 1) {
      if (outside !== null && outside[at] === 1) continue;
      countAt(counts, pixels[at] ?? 0);
      seen += 1;
    }
  }
  return seen;
}

/** The middle of each square and its neighbours, as many on either side: a letter that fills a square is no paper. */
function smooth(tiles: Float32Array, { columns, rows }: Grid): Float32Array {
  const smoothed = new Float32Array(tiles.length);
  for (let row = 0; row < rows; row += 1) {
    const high = Math.min(1, row, rows - 1 - row);
    for (let column = 0; column < columns; column += 1) {
      const wide = Math.min(1, column, columns - 1 - column);
      const around: number[] = [];
      for (let r = row - high; r <= row + high; r += 1) {
        for (let c = column - wide; c <= column + wide; c += 1) around.push(tiles[r * columns + c] ?? 0);
      }
      around.sort((a, b) => a - b);
      smoothed[row * columns + column] = around[around.length >> 1] ?? 0;
    }
  }
  return smoothed;
}

/** Between which two squares' middles each place lies, and how near to the second; outside of them all the line goes on. */
interface Between {
  readonly first: Int32Array;
  readonly share: Float32Array;
}

function between(length: number, tiles: number): Between {
  const first = new Int32Array(length);
  const share = new Float32Array(length);
  for (let at = 0; at < length; at += 1) {
    const place = (at + 0.5) / TILE - 0.5;
    first[at] = Math.max(0, Math.min(tiles - 2, Math.floor(place)));
    share[at] = tiles === 1 ? 0 : place - (first[at] ?? 0);
  }
  return { first, share };
}
