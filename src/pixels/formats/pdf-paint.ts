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

/** `fpdfview.h`: red, green, blue and opacity, in this order; notes as well. */
const BGRA = 4;
const REVERSE_BYTE_ORDER = 0x10;
const ANNOTATIONS = 0x01;
const WHITE = 0xffffffff;

/**
 * Draws a page of a document on white with its annotations and form fields, and closes it. The binding's own `render`
 * hands out every page with its opacity in memory of the C library, which for pages by the thousand comes to half as much
 * again as all the rest.
 */
export function paintPage(document: PDFiumDocument, page: PDFiumPage, { width, height }: Size): PaintedPage {
  const { pdfium, handle } = insideOf(page);
  const size = width * height * RGBA_CHANNELS;
  const at = pdfium.wasmExports.malloc(size);
  if (at === 0) throw new RangeError(`There is no memory for ${width} × ${height} pixels`);
  const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, BGRA, at, width * RGBA_CHANNELS);
  try {
    const form = document.initializeFormFields();
    const area = [0, 0, width, height] as const;
    pdfium._FORM_OnAfterLoadPage(handle, form);
    pdfium._FPDFBitmap_FillRect(bitmap, ...area, WHITE);
    pdfium._FPDF_RenderPageBitmap(bitmap, handle, ...area, 0, REVERSE_BYTE_ORDER | ANNOTATIONS);
    pdfium._FPDF_FFLDraw(form, bitmap, handle, ...area, 0, REVERSE_BYTE_ORDER);
    pdfium._FORM_OnBeforeClosePage(handle, form);
    const drawn = pdfium.HEAPU8.subarray(at, at + size);
    return { isUnmarked: isWhite(drawn), raster: { width, height, pixels: mappedCopy(packed(drawn)) } };
  } finally {
    pdfium._FPDFBitmap_Destroy(bitmap);
    closePage(page);
    pdfium.wasmExports.free(at);
  }
}

function isWhite(drawn: Uint8Array): boolean {
  const pixels = new Uint32Array(drawn.buffer, drawn.byteOffset, drawn.length / RGBA_CHANNELS);
  return pixels.every((pixel) => pixel === WHITE);
}

/** Leaves out the opacity, which on white is full everywhere. What it is given is used up. */
function packed(drawn: Uint8Array): Uint8Array {
  let to = 0;
  for (let from = 0; from < drawn.length; from += RGBA_CHANNELS, to += CHANNELS) {
    drawn[to] = drawn[from] ?? 0;
    drawn[to + 1] = drawn[from + 1] ?? 0;
    drawn[to + 2] = drawn[from + 2] ?? 0;
  }
  return drawn.subarray(0, to);
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
