import type { PDFiumDocument, PDFiumPage } from '@hyzyla/pdfium';
import { CHANNELS, type Raster } from '../raster.js';
import type { Size } from '../sizing.js';
import { closePage, insideOf } from './pdf-inside.js';

/** A page as it was drawn. */
export interface PaintedPage {
  readonly raster: Raster;
  /** Whether nothing but white was drawn. */
  readonly isUnmarked: boolean;
}

/** `fpdfview.h`: three bytes a pixel, red first; notes as well. On these, letters are as on those with opacity. */
const BGR = 2;
const REVERSE_BYTE_ORDER = 0x10;
const ANNOTATIONS = 0x01;
const WHITE = -1; // all bits set

/**
 * Draws a page of a document on white with its annotations and form fields, and closes it. The binding's own `render`
 * hands out four bytes a pixel in memory of the C library, which for pages by the thousand comes to half as much again as
 * all the rest.
 */
export function paintPage(document: PDFiumDocument, page: PDFiumPage, { width, height }: Size): PaintedPage {
  const { pdfium, handle } = insideOf(page);
  const size = width * height * CHANNELS;
  const at = pdfium.wasmExports.malloc(size);
  const bitmap = at === 0 ? 0 : pdfium._FPDFBitmap_CreateEx(width, height, BGR, at, width * CHANNELS);
  try {
    if (bitmap === 0) throw new RangeError(`There is no memory for ${width} × ${height} pixels`);
    const form = document.initializeFormFields();
    const area = [0, 0, width, height] as const;
    pdfium._FORM_OnAfterLoadPage(handle, form);
    pdfium._FPDFBitmap_FillRect(bitmap, ...area, WHITE);
    pdfium._FPDF_RenderPageBitmap(bitmap, handle, ...area, 0, REVERSE_BYTE_ORDER | ANNOTATIONS);
    pdfium._FPDF_FFLDraw(form, bitmap, handle, ...area, 0, REVERSE_BYTE_ORDER);
    pdfium._FORM_OnBeforeClosePage(handle, form);
    const drawn = pdfium.HEAPU8.subarray(at, at + size);
    return { isUnmarked: isWhite(drawn), raster: { width, height, pixels: mappedCopy(drawn) } };
  } finally {
    if (bitmap !== 0) pdfium._FPDFBitmap_Destroy(bitmap);
    closePage(page);
    pdfium.wasmExports.free(at);
  }
}

/** @param drawn - begins where a word does */
function isWhite(drawn: Uint8Array): boolean {
  const words = new Int32Array(drawn.buffer, drawn.byteOffset, drawn.length >> 2);
  return words.every((word) => word === WHITE) && drawn.subarray(4 * words.length).every((byte) => byte === 255);
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
