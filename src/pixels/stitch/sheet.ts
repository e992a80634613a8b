import { canvasFor, centred, fits, largestThat, type Rect, type Size, type SizeLimits } from '../sizing.js';
import { numberBars, numberSize } from './digits.js';

/** Where everything stands on a canvas that shows several images beside each other. */
export interface Sheet {
  readonly canvas: Size;
  /** The place of each image, in their order. */
  readonly images: readonly Rect[];
  /** The bars of the labels `1`, `2`, …, each number above its image. */
  readonly labels: readonly Rect[];
  /** The lines between the images. */
  readonly lines: readonly Rect[];
}

/** Images in one row. */
const MOST_IN_ROW = 8;
/** A wider image is as wide as this many heights, and so lower than its neighbours: else it would dwarf them all. */
const MOST_ASPECT = 4;
/** Below this common height, in pixels, nothing on an image can be told. */
const LEAST_HEIGHT = 32;

/**
 * Lays images of these sizes side by side, all of one height: the largest at which the canvas keeps to the limits, and
 * no more than the tallest has. More than eight are spread evenly over further rows.
 *
 * @returns null where they do not fit at a height that is of use
 */
export function planSheet(uprights: readonly Size[], limits: SizeLimits): Sheet | null {
  const tallest = Math.max(...uprights.map((size) => size.height));
  const height = largestThat(tallest, (height) => fits(canvasFor(layOut(uprights, height).canvas, limits), limits));
  if (height === null || height < Math.min(tallest, LEAST_HEIGHT)) return null;
  return placed(layOut(uprights, height), limits);
}

/** Sizes that follow from the common height of the images, in pixels. */
interface Measures {
  readonly height: number;
  readonly digit: number;
  /** What a label takes above its image. */
  readonly band: number;
  /** White between two images. */
  readonly gutter: number;
  readonly line: number;
}

function measuresFor(height: number): Measures {
  const digit = Math.min(96, Math.max(24, Math.round(height / 8)));
  const gutter = Math.max(12, Math.round(height / 25));
  return { height, digit, band: Math.round(digit * 1.5), gutter, line: Math.ceil(gutter / 12) };
}

/** On a canvas that is just as large as what stands on it. */
function layOut(uprights: readonly Size[], height: number): Sheet {
  const measures = measuresFor(height);
  const { band, gutter, line } = measures;
  const perRow = Math.ceil(uprights.length / Math.ceil(uprights.length / MOST_IN_ROW));
  const pitch = band + height + gutter;
  const rows: Row[] = [];
  for (let first = 0; first < uprights.length; first += perRow) {
    rows.push(layOutRow(uprights.slice(first, first + perRow), { ...measures, first, top: rows.length * pitch }));
  }
  const width = Math.max(...rows.map((row) => row.width));
  const lineTop = Math.ceil((gutter + line) / 2);
  const rowLines = rows
    .slice(1)
    .map((_, index) => ({ left: 0, top: (index + 1) * pitch - lineTop, width, height: line }));
  return {
    canvas: { width, height: rows.length * pitch - gutter },
    images: rows.flatMap((row) => row.images),
    labels: rows.flatMap((row) => row.labels),
    lines: [...rows.flatMap((row) => row.lines), ...rowLines],
  };
}

type Row = Omit<Sheet, 'canvas'> & Pick<Size, 'width'>;

interface RowPlace extends Measures {
  /** Index of the row's first image. */
  readonly first: number;
  readonly top: number;
}

function layOutRow(uprights: readonly Size[], place: RowPlace): Row {
  const { first, top, height, digit, band, gutter, line } = place;
  const images: Rect[] = [];
  const labels: Rect[] = [];
  const lines: Rect[] = [];
  let left = 0;
  for (const [index, upright] of uprights.entries()) {
    const lineLeft = left - Math.ceil((gutter + line) / 2);
    if (index > 0) lines.push({ left: lineLeft, top, width: line, height: band + height });
    const image = { left, top: top + band, ...atHeight(upright, height) };
    images.push(image);
    labels.push(...numberBars(first + index + 1, { left, top: top + Math.floor((band - digit) / 2), height: digit }));
    left += Math.max(image.width, numberSize(first + index + 1, digit).width) + gutter;
  }
  return { images, labels, lines, width: left - gutter };
}

function atHeight(upright: Size, height: number): Size {
  const width = Math.max(1, Math.round((upright.width * height) / upright.height));
  const widest = height * MOST_ASPECT;
  if (width <= widest) return { width, height };
  return { width: widest, height: Math.max(1, Math.round((upright.height * widest) / upright.width)) };
}

function placed(sheet: Sheet, limits: SizeLimits): Sheet {
  const canvas = canvasFor(sheet.canvas, limits);
  const { left, top } = centred(sheet.canvas, canvas);
  const moved = (rects: readonly Rect[]): readonly Rect[] =>
    rects.map((rect) => ({ ...rect, left: rect.left + left, top: rect.top + top }));
  return { canvas, images: moved(sheet.images), labels: moved(sheet.labels), lines: moved(sheet.lines) };
}
