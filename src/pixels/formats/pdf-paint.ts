import type { PDFiumDocument, PDFiumPage } from '@hyzyla/pdfium';
import { CHANNELS, type Raster } from '../raster.js';
import { RGBA_CHANNELS } from '../rgba.js';
import type { Size } from '../sizing.js';
import { closePage, insideOf } from './pdf-inside.js';

/** A page as it was drawn. */
export interface PaintedPage {
  readonly raster: Raster;
  /** Whether nothing but white was drawn. */
  readonly isUnmarked: boolean;
}

/**
 * `fpdfview.h`: red, green, blue and opacity; notes as well. Without opacity PDFium takes bare paper for nothing, over which
 * no blend mode works, and draws all that lies below a blended image once more.
 */
const BGRA = 4;
const REVERSE_BYTE_ORDER = 0x10;
const ANNOTATIONS = 0x01;
const WHITE = -1; // all bits set

/**
 * Draws a page of a document on white with its annotations and form fields, and closes it. The binding's own `render`
 * hands out every page with its opacity in memory of the C library, which for pages by the thousand comes to half as much
 * again as all the rest.
 */
export function paintPage(document: PDFiumDocument, page: PDFiumPage, { width, height }: Size): PaintedPage {
  const { pdfium, handle } = insideOf(page);
  const at = pdfium.wasmExports.malloc(width * height * RGBA_CHANNELS);
  const bitmap = at === 0 ? 0 : pdfium._FPDFBitmap_CreateEx(width, height, BGRA, at, width * RGBA_CHANNELS);
  try {
    if (bitmap === 0) throw new RangeError(`There is no memory for ${width} × ${height} pixels`);
    const form = document.initializeFormFields();
    const area = [0, 0, width, height] as const;
    pdfium._FORM_OnAfterLoadPage(handle, form);
    pdfium._FPDFBitmap_FillRect(bitmap, ...area, WHITE);
    pdfium._FPDF_RenderPageBitmap(bitmap, handle, ...area, 0, REVERSE_BYTE_ORDER | ANNOTATIONS);
    pdfium._FPDF_FFLDraw(form, bitmap, handle, ...area, 0, REVERSE_BYTE_ORDER);
    pdfium._FORM_OnBeforeClosePage(handle, form);
    const drawn = new Int32Array(pdfium.HEAPU8.buffer, at, width * height);
    const isUnmarked = drawn.every((pixel) => pixel === WHITE);
    return { isUnmarked, raster: { width, height, pixels: mappedCopy(packed(drawn)) } };
  } finally {
    if (bitmap !== 0) pdfium._FPDFBitmap_Destroy(bitmap);
    closePage(page);
    pdfium.wasmExports.free(at);
  }
}

/**
 * Leaves out the opacity, which on white is full everywhere: of four words of one pixel each come three, and of what is
 * left over its bytes. What it is given is used up. Byte by byte it would take as long as drawing does.
 */
function packed(words: Int32Array): Uint8Array {
  const fours = words.length - (words.length % 4);
  for (let from = 0, to = 0; from < fours; from += 4, to += 3) {
    const [a, b, c, d] = [words[from] ?? 0, words[from + 1] ?? 0, words[from + 2] ?? 0, words[from + 3] ?? 0];
    words[to] = (a & 0xffffff) | (b << 24);
    words[to + 1] = ((b >>> 8) & 0xffff) | (c << 16);
    words[to + 2] = ((c >>> 16) & 0xff) | (d << 8);
  }
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  for (let pixel = fours; pixel < words.length; pixel += 1) {
    bytes.copyWithin(pixel * CHANNELS, pixel * RGBA_CHANNELS, pixel * RGBA_CHANNELS + CHANNELS);
  }
  return bytes.subarray(0, words.length * CHANNELS);
}

/**
 * A copy in pages of memory that are nobody else's and go back to the system with it, as V8 keeps buffers that may be
 * resized. Blocks of this size that one thread allocates and another frees leave holes in the heaps of the C library.
 */
function mappedCopy(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length, { maxByteLength: bytes.length }), 0, bytes.length);
  copy.set(bytes);
  return copy;
}
