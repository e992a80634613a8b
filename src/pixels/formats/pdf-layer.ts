import type { Size } from '../sizing.js';
import { insideOf, type PdfiumModule } from './pdf-inside.js';

/** What PDFium can say of a page's text, its images and its notes. Handles are numbers; rectangles are written to memory. */
interface LayerModule extends PdfiumModule {
  readonly _FPDFText_LoadPage: (page: number) => number;
  readonly _FPDFText_ClosePage: (text: number) => void;
  readonly _FPDFText_CountChars: (text: number) => number;
  readonly _FPDFText_GetUnicode: (text: number, index: number) => number;
  readonly _FPDFText_GetCharBox: (text: number, index: number, ...leftRightBottomTop: readonly number[]) => number;
  readonly _FPDFPageObj_GetBounds: (object: number, ...leftBottomRightTop: readonly number[]) => number;
  readonly _FPDFPage_GetAnnotCount: (page: number) => number;
  readonly _FPDFPage_GetAnnot: (page: number, index: number) => number;
  readonly _FPDFPage_CloseAnnot: (annotation: number) => void;
  readonly _FPDFAnnot_GetSubtype: (annotation: number) => number;
  readonly _FPDF_PageToDevice: (page: number, ...device: readonly number[]) => number;
  readonly HEAPU8: Uint8Array;
}

const NAMES = [
  '_FPDFText_LoadPage',
  '_FPDFText_ClosePage',
  '_FPDFText_CountChars',
  '_FPDFText_GetUnicode',
  '_FPDFText_GetCharBox',
  '_FPDFPageObj_GetBounds',
  '_FPDFPage_GetAnnotCount',
  '_FPDFPage_GetAnnot',
  '_FPDFPage_CloseAnnot',
  '_FPDFAnnot_GetSubtype',
  '_FPDF_PageToDevice',
] as const satisfies readonly (keyof LayerModule)[];

function isLayerModule(pdfium: PdfiumModule): pdfium is LayerModule {
  return NAMES.every((name) => typeof Reflect.get(pdfium, name) === 'function');
}

/** Where something stands on a drawn page, in pixels; outside of the picture, too. */
export interface DrawnRect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What a page has besides its text. */
export interface PageLayer {
  /** Where its characters stand that are no blanks. */
  readonly characters: readonly DrawnRect[];
  /** Share of the page that is covered by images, 0…1; above 1 where they lie on one another. */
  readonly imageShare: number;
  /** Whether form fields, notes or stamps lie on it: what they say is not in its text. */
  readonly hasNotes: boolean;
}

/** Looks at a page as it is drawn in this size. */
export function layerOf(page: object, size: Size): PageLayer {
  const { pdfium, handle } = insideOf(page);
  if (!isLayerModule(pdfium)) throw new TypeError('Expected a page of @hyzyla/pdfium 2.1');
  const memory = pdfium.wasmExports.malloc(ROOM);
  const open: Open = { pdfium, handle, memory, size };
  try {
    return { characters: charactersOf(open), imageShare: imageShareOf(open), hasNotes: hasNotes(open) };
  } finally {
    pdfium.wasmExports.free(memory);
  }
}

interface Open {
  readonly pdfium: LayerModule;
  readonly handle: number;
  /** Four doubles, then two integers. */
  readonly memory: number;
  readonly size: Size;
}

const DOUBLE = 8;
const FLOAT = 4;
const ROOM = 4 * DOUBLE + 2 * 4;

function charactersOf(open: Open): readonly DrawnRect[] {
  const { pdfium, handle, memory } = open;
  const text = pdfium._FPDFText_LoadPage(handle);
  const rects: DrawnRect[] = [];
  const places = [0, 1, 2, 3].map((at) => memory + at * DOUBLE);
  for (let at = 0; at < pdfium._FPDFText_CountChars(text); at += 1) {
    if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(String.fromCodePoint(pdfium._FPDFText_GetUnicode(text, at)))) continue;
    if (pdfium._FPDFText_GetCharBox(text, at, ...places) === 0) continue;
    const [left = 0, right = 0, bottom = 0, top = 0] = places.map((place) => view(pdfium).getFloat64(place, true));
    rects.push(drawnRect(open, { left, right, bottom, top }));
  }
  pdfium._FPDFText_ClosePage(text);
  return rects;
}

function view({ HEAPU8 }: LayerModule): DataView {
  return new DataView(HEAPU8.buffer);
}

/** From points on the page to pixels of its drawing. */
function drawnRect({ pdfium, handle, memory, size }: Open, { left, top, right, bottom }: DrawnRect): DrawnRect {
  const x = memory + 4 * DOUBLE;
  const corner = (across: number, up: number): readonly [number, number] => {
    pdfium._FPDF_PageToDevice(handle, 0, 0, size.width, size.height, 0, across, up, x, x + 4);
    return [view(pdfium).getInt32(x, true), view(pdfium).getInt32(x + 4, true)];
  };
  const [[x1, y1], [x2, y2]] = [corner(left, top), corner(right, bottom)];
  return { left: Math.min(x1, x2), top: Math.min(y1, y2), right: Math.max(x1, x2), bottom: Math.max(y1, y2) };
}

const IMAGE = 3;
const FORM = 5;
/** Objects that are looked at: a file may nest forms without end. */
const MOST_OBJECTS = 1000;

/** Images in forms, which have measures of their own, count as large as the form. */
function imageShareOf(open: Open): number {
  const { pdfium, handle, memory, size } = open;
  const places = [0, 1, 2, 3].map((at) => memory + at * FLOAT);
  let pixels = 0;
  for (let at = 0; at < pdfium._FPDFPage_CountObjects(handle); at += 1) {
    const object = pdfium._FPDFPage_GetObject(handle, at);
    if (!holdsImage(pdfium, object) || pdfium._FPDFPageObj_GetBounds(object, ...places) === 0) continue;
    const [left = 0, bottom = 0, right = 0, top = 0] = places.map((place) => view(pdfium).getFloat32(place, true));
    const drawn = clipped(drawnRect(open, { left, right, bottom, top }), size);
    pixels += Math.max(0, drawn.right - drawn.left) * Math.max(0, drawn.bottom - drawn.top);
  }
  return pixels / (size.width * size.height);
}

function holdsImage(pdfium: LayerModule, object: number): boolean {
  const open = [object];
  for (let next = 0; next < open.length && next < MOST_OBJECTS; next += 1) {
    const one = open[next] ?? 0;
    const type = pdfium._FPDFPageObj_GetType(one);
    if (type === IMAGE) return true;
    const parts = type === FORM ? Math.min(pdfium._FPDFFormObj_CountObjects(one), MOST_OBJECTS) : 0;
    for (let at = 0; at < parts; at += 1) open.push(pdfium._FPDFFormObj_GetObject(one, at));
  }
  return false;
}

/** Of the notes, those that say nothing: links, the windows of notes, and what marks text. */
const MUTE_NOTES: ReadonlySet<number> = new Set([2, 9, 10, 11, 12, 16]);

function hasNotes({ pdfium, handle }: Open): boolean {
  for (let at = 0; at < pdfium._FPDFPage_GetAnnotCount(handle); at += 1) {
    const note = pdfium._FPDFPage_GetAnnot(handle, at);
    const isMute = MUTE_NOTES.has(pdfium._FPDFAnnot_GetSubtype(note));
    pdfium._FPDFPage_CloseAnnot(note);
    if (!isMute) return true;
  }
  return false;
}

/** The part of a rectangle that lies in a picture. */
export function clipped({ left, top, right, bottom }: DrawnRect, { width, height }: Size): DrawnRect {
  return {
    left: Math.max(0, left),
    top: Math.max(0, top),
    right: Math.min(width, right),
    bottom: Math.min(height, bottom),
  };
}
