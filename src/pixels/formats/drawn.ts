import type { Raster } from '../raster.js';
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

/** Pixels as a thread drew them, and how many pages their source has. */
export interface Drawn {
  readonly raster: Rgba | Raster;
  readonly pages: number;
}
