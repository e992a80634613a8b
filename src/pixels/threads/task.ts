import type { Failure } from '../../core/errors.js';
import type { Rgba } from '../rgba.js';

/** A PDF as it travels to a thread. */
export interface PdfBytes {
  /** Tells the document from all others of the process: a thread keeps the last few open. */
  readonly id: number;
  /** Backed by shared memory: travelling costs nothing. */
  readonly bytes: Uint8Array;
  /** Tried in order where the document wants one. */
  readonly passwords: readonly string[];
}

/** How large a page of a PDF becomes. */
export interface DrawLimits {
  /** Dots per inch at most. */
  readonly dpi: number;
  /** Pixels at most. */
  readonly maxSide: number;
  readonly maxPixels: number;
}

/** What a thread is asked. Pages count from 1. */
export type DecodeTask =
  | { readonly kind: 'pdf-pages'; readonly document: PdfBytes }
  | { readonly kind: 'pdf-text'; readonly document: PdfBytes; readonly page: number }
  | { readonly kind: 'pdf-draw'; readonly document: PdfBytes; readonly page: number; readonly limits: DrawLimits }
  | { readonly kind: 'heic' | 'bmp'; readonly bytes: Uint8Array; readonly maxPixels: number };

/** Pixels as a thread drew them, and how many pages their source has. */
export interface Drawn {
  readonly raster: Rgba;
  readonly pages: number;
}

/** What a thread answers. Errors lose their class on the way between threads; a failure does not. */
export type DecodeReply =
  | { readonly kind: 'pages'; readonly pages: number }
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'drawn' } & Drawn)
  | { readonly kind: 'failed'; readonly failure: Failure };
