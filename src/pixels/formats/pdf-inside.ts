import type { Size } from '../sizing.js';
import { mustFitPixels } from './header.js';

type Area = readonly [left: number, top: number, width: number, height: number];
type Rendering = readonly [quarterTurns: number, flags: number];

/** What PDFium can do and its binding, `@hyzyla/pdfium`, keeps to itself. Handles are numbers, 0 for none. */
export interface PdfiumModule {
  readonly _FPDF_LoadDocument: (path: number, password: number) => number;
  readonly _FPDF_GetLastError: () => number;
  readonly _FPDF_ClosePage: (page: number) => void;
  readonly _FPDFPage_CountObjects: (page: number) => number;
  readonly _FPDFPage_GetObject: (page: number, index: number) => number;
  readonly _FPDFFormObj_CountObjects: (form: number) => number;
  readonly _FPDFFormObj_GetObject: (form: number, index: number) => number;
  readonly _FPDFPageObj_GetType: (object: number) => number;
  readonly _FPDFImageObj_GetBitmap: (image: number) => number;
  readonly _FPDFImageObj_GetImagePixelSize: (image: number, width: number, height: number) => number;
  readonly _FPDFBitmap_Destroy: (bitmap: number) => void;
  readonly _FPDFBitmap_CreateEx: (
    width: number,
    height: number,
    format: number,
    pixels: number,
    stride: number,
  ) => number;
  readonly _FPDFBitmap_FillRect: (bitmap: number, ...rect: readonly [...Area, colour: number]) => void;
  readonly _FPDF_RenderPageBitmap: (bitmap: number, page: number, ...how: readonly [...Area, ...Rendering]) => void;
  readonly _FPDF_FFLDraw: (
    form: number,
    bitmap: number,
    page: number,
    ...how: readonly [...Area, ...Rendering]
  ) => void;
  readonly _FORM_OnAfterLoadPage: (page: number, form: number) => void;
  readonly _FORM_OnBeforeClosePage: (page: number, form: number) => void;
  readonly _FPDFPage_GetCropBox: (page: number, left: number, bottom: number, right: number, top: number) => number;
  /** All its memory; other objects after it has grown. */
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  readonly wasmExports: { readonly malloc: (bytes: number) => number; readonly free: (pointer: number) => void };
}

const NAMES = [
  '_FPDF_LoadDocument',
  '_FPDF_GetLastError',
  '_FPDF_ClosePage',
  '_FPDFPage_CountObjects',
  '_FPDFPage_GetObject',
  '_FPDFFormObj_CountObjects',
  '_FPDFFormObj_GetObject',
  '_FPDFPageObj_GetType',
  '_FPDFImageObj_GetBitmap',
  '_FPDFImageObj_GetImagePixelSize',
  '_FPDFBitmap_Destroy',
  '_FPDFBitmap_CreateEx',
  '_FPDFBitmap_FillRect',
  '_FPDF_RenderPageBitmap',
  '_FPDF_FFLDraw',
  '_FORM_OnAfterLoadPage',
  '_FORM_OnBeforeClosePage',
  '_FPDFPage_GetCropBox',
] as const satisfies readonly (keyof PdfiumModule)[];

/** A page that is open in PDFium. */
export interface OpenPage {
  readonly pdfium: PdfiumModule;
  /** 0 where the page did not load. */
  readonly handle: number;
}

/** Looks into a page of the binding. @throws TypeError where it was built otherwise */
export function insideOf(page: object): OpenPage {
  const pdfium: unknown = Reflect.get(page, 'module');
  const handle: unknown = Reflect.get(page, 'pageIdx');
  if (!isPdfium(pdfium) || typeof handle !== 'number') throw new TypeError('Expected a page of @hyzyla/pdfium 2.1');
  return { pdfium, handle };
}

/** Whether it is what the binding was built with. */
export function isPdfium(value: unknown): value is PdfiumModule {
  return (
    typeof value === 'object' && value !== null && NAMES.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}

/** Gives up a page: drawing it does so too. */
export function closePage(page: object): void {
  const { pdfium, handle } = insideOf(page);
  if (handle !== 0) pdfium._FPDF_ClosePage(handle);
}

/** Whether only a part of a page is shown. What lies outside of that is not missed. */
export function isCropped(page: object): boolean {
  const { pdfium, handle } = insideOf(page);
  const box = pdfium.wasmExports.malloc(16); // four floats that nobody asks for
  const found = pdfium._FPDFPage_GetCropBox(handle, box, box + 4, box + 8, box + 12);
  pdfium.wasmExports.free(box);
  return found !== 0;
}

/** Objects of a page that are looked at, those of its forms too: a file may nest forms without end. */
const MOST_OBJECTS = 1000;
const IMAGE = 3;
const FORM = 5;

/** What is found among the objects of a page. */
export interface PageObjects {
  readonly count: number;
  /** Whether one of its images cannot be decoded. */
  readonly hasBrokenImage: boolean;
}

/**
 * Looks at the objects of a page.
 *
 * @throws VisionError IMAGE_TOO_LARGE for an image of more pixels than may be decoded
 */
export function objectsOf(page: object, maxPixels: number): PageObjects {
  const { pdfium, handle } = insideOf(page);
  const count = pdfium._FPDFPage_CountObjects(handle);
  const open = Array.from({ length: Math.min(count, MOST_OBJECTS) }, (_, at) => pdfium._FPDFPage_GetObject(handle, at));
  let left = MOST_OBJECTS;
  for (let object = open.pop(); object !== undefined && left > 0; object = open.pop(), left -= 1) {
    const type = pdfium._FPDFPageObj_GetType(object);
    if (type === IMAGE && !decodes(pdfium, object, maxPixels)) return { count, hasBrokenImage: true };
    const parts = type === FORM ? Math.min(pdfium._FPDFFormObj_CountObjects(object), left) : 0;
    for (let at = 0; at < parts; at += 1) open.push(pdfium._FPDFFormObj_GetObject(object, at));
  }
  return { count, hasBrokenImage: false };
}

/** Unpacks an image whole, which drawing it need not. */
function decodes(pdfium: PdfiumModule, image: number, maxPixels: number): boolean {
  mustFitPixels(sizeOf(pdfium, image), maxPixels);
  const bitmap = pdfium._FPDFImageObj_GetBitmap(image);
  if (bitmap !== 0) pdfium._FPDFBitmap_Destroy(bitmap);
  return bitmap !== 0;
}

function sizeOf(pdfium: PdfiumModule, image: number): Size {
  const at = pdfium.wasmExports.malloc(8);
  const isKnown = pdfium._FPDFImageObj_GetImagePixelSize(image, at, at + 4) !== 0;
  const [width = 0, height = 0] = isKnown ? pdfium.HEAPU32.subarray(at / 4, at / 4 + 2) : [];
  pdfium.wasmExports.free(at);
  return { width, height };
}
