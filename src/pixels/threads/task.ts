import type { Failure } from '../../core/errors.js';
import type { Drawn, PdfBytes } from '../formats/drawn.js';
import type { DrawOptions } from '../formats/pdf-size.js';
import type { Grey } from '../ink/grey.js';

/** What is measured on a page. */
export type MeasureTask =
  | { readonly kind: 'ink'; readonly page: Grey; readonly isPage: boolean }
  | { readonly kind: 'skew' | 'letters'; readonly page: Grey };

/** What a thread is asked. Pages count from 1. */
export type DecodeTask =
  | MeasureTask
  | { readonly kind: 'pdf-pages'; readonly document: PdfBytes }
  | { readonly kind: 'pdf-text'; readonly document: PdfBytes; readonly page: number }
  | ({ readonly kind: 'pdf-draw'; readonly document: PdfBytes } & DrawOptions)
  | { readonly kind: 'heic' | 'bmp'; readonly bytes: Uint8Array; readonly maxPixels: number };

/** What a thread answers. Errors lose their class on the way between threads; a failure does not. */
export type DecodeReply =
  | { readonly kind: 'pages'; readonly pages: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'measured'; readonly value: number | null }
  | ({ readonly kind: 'drawn' } & Drawn)
  | { readonly kind: 'failed'; readonly failure: Failure };
