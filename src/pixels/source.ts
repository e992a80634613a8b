import { VisionError } from '../core/errors.js';
import type { Encoded, Facts, Format } from './codec.js';
import type { ImageHeader } from './formats/header.js';
import type { ImageKind } from './formats/kinds.js';
import type { Size } from './sizing.js';

/**
 * - `first-frame-only`: several frames or pages of which nobody made items; the model sees the first.
 * - `damaged`: the decoder found a fault that costs no pixels, such as stray bytes.
 * - `rotated:…`: its writing lay on its side or head; turned clockwise by so many degrees.
 * - `deskewed`: its lines were askew.
 */
export type PixelWarning = 'first-frame-only' | 'damaged' | 'rotated:90' | 'rotated:180' | 'rotated:270' | 'deskewed';

/** What a record says of an image's source. */
export interface SourceNote {
  /** Of the source's bytes, 64 hex digits. */
  readonly sha256: string;
  /** The source's size upright, before sizing. */
  readonly width: number;
  readonly height: number;
  readonly warnings: readonly PixelWarning[];
}

/** A file that was recognised and whose header was read. */
export interface Source extends Encoded {
  readonly kind: ImageKind;
  /** Null for kinds that only a decoder can walk. */
  readonly header: ImageHeader | null;
  readonly facts: Facts;
  /** Frames or pages that no item is for. */
  readonly hasUnseenFrames: boolean;
  /** Whether its page is all there is in its bytes. */
  readonly isWholeFile: boolean;
  /** SHA-256 of the bytes, worked out once however many pages they have. */
  sha256(): Promise<string>;
}

/** A result, and whether the decoder met harmless damage on the way. */
export interface Tolerated<T> {
  readonly result: T;
  readonly isDamaged: boolean;
}

/** Waits for a source's drawing and notes what a record says of the source. */
export async function noted<T>(
  source: Source,
  drawing: Promise<Tolerated<T>>,
): Promise<{ readonly result: T; readonly note: SourceNote }> {
  const [sha256, { result, isDamaged }] = await Promise.all([source.sha256(), drawing]);
  const warnings: PixelWarning[] = [];
  if (source.hasUnseenFrames) warnings.push('first-frame-only');
  if (isDamaged) warnings.push('damaged');
  return { result, note: { sha256, ...source.facts.upright, warnings } };
}

const LOSSLESS: ReadonlySet<ImageKind> = new Set(['png', 'gif', 'svg', 'tiff', 'bmp', 'pdf'] as const);
/** Beyond this a PNG takes longer to write and to upload than it is worth. */
const MOST_PNG_PIXELS = 1_000_000;

/** PNG keeps small drawings and screenshots crisp; everything else is JPEG. */
export function formatFor(kind: ImageKind, { width, height }: Size): Format {
  return LOSSLESS.has(kind) && width * height <= MOST_PNG_PIXELS ? 'png' : 'jpeg';
}

/** Faults of real cameras and scanners after which libjpeg still has every pixel. */
const HARMLESS = /extraneous bytes before marker|Invalid SOS parameters|Unknown Adobe color transform/i;

/** Decodes once strictly and, where the only fault is a harmless one, once more without minding it. */
export async function tolerant<T>(source: Encoded, decode: (source: Encoded) => Promise<T>): Promise<Tolerated<T>> {
  try {
    return { result: await decode(source), isDamaged: false };
  } catch (error) {
    if (!(error instanceof VisionError && error.code === 'IMAGE_UNREADABLE' && HARMLESS.test(error.message)))
      throw error;
    return { result: await decode({ ...source, failOn: 'error' }), isDamaged: true };
  }
}
