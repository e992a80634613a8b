import type { Failure } from '../../core/errors.js';
import type { Rgba } from '../rgba.js';
import type { SvgLimits } from './draw.js';

/** What a process that draws SVGs is asked. */
export interface SvgTask {
  readonly bytes: Uint8Array;
  readonly limits: SvgLimits;
}

/** What it answers. */
export type SvgReply = { readonly raster: Rgba } | { readonly failure: Failure };
