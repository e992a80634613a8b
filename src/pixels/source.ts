import type { PixelSettings } from '../core/ask.js';
import { VisionError } from '../core/errors.js';
import { sha256Hex } from '../core/fingerprint.js';
import type { PageBytes } from '../core/item.js';
import { sniff } from '../core/sniff.js';
import { type Encoded, type Facts, type Format, mustBeDecodable, readFacts } from './codec.js';
import { swapsSides } from './exif.js';
import type { ImageHeader } from './header.js';
import { readJpegSegments } from './jpeg-segments.js';
import { decodable, type ImageKind, severalFrames } from './kinds.js';
import { readPngChunks } from './png-chunks.js';
import type { Size } from './sizing.js';

/**
 * - `first-frame-only`: an animation, of which the model sees the first frame.
 * - `damaged`: the decoder found a fault that costs no pixels, such as stray bytes.
 */
export type PixelWarning = 'first-frame-only' | 'damaged';

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
}

/** A result, and whether the decoder met harmless damage on the way. */
export interface Tolerated<T> {
  readonly result: T;
  readonly isDamaged: boolean;
}

/** How to open a source. */
export interface LookOptions {
  readonly mode: PixelSettings['mode'];
  readonly maxInputPixels: number;
}

/**
 * Reads what a file says of its image. With `as-is`, a JPEG or PNG is looked at without a decoder.
 *
 * @throws VisionError IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE, IMAGE_UNSUPPORTED
 */
export async function look({ bytes }: PageBytes, { mode, maxInputPixels }: LookOptions): Promise<Source> {
  const kind = decodable(sniff(bytes), bytes);
  const header = walk(kind, bytes);
  if (header !== null) mustBeDecodable(header, maxInputPixels);
  const encoded: Encoded = { bytes, maxInputPixels, failOn: kind === 'jpeg' ? 'warning' : 'error' };
  const facts = header !== null && mode === 'as-is' ? factsOf(header) : await readFacts(encoded);
  if (kind === 'tiff' && facts.frames > 1) throw severalFrames(facts.frames);
  return { ...encoded, kind, header, facts: header?.animated ? { ...facts, frames: 2 } : facts };
}

function walk(kind: ImageKind, bytes: Uint8Array): ImageHeader | null {
  if (kind === 'jpeg') return readJpegSegments(bytes);
  return kind === 'png' ? readPngChunks(bytes) : null;
}

function factsOf(header: ImageHeader): Facts {
  const { width, height, orientation } = header;
  const upright = swapsSides(orientation) ? { width: height, height: width } : { width, height };
  return { upright, isPlain: false, frames: 1 };
}

/** Waits for a source's drawing and notes what a record says of the source. */
export async function noted<T>(
  source: Source,
  drawing: Promise<Tolerated<T>>,
): Promise<{ readonly result: T; readonly note: SourceNote }> {
  const sha256 = sha256Hex(source.bytes); // while libvips draws in threads of its own
  const { result, isDamaged } = await drawing;
  const warnings: PixelWarning[] = [];
  if (source.facts.frames > 1) warnings.push('first-frame-only');
  if (isDamaged) warnings.push('damaged');
  return { result, note: { sha256, ...source.facts.upright, warnings } };
}

const LOSSLESS: ReadonlySet<ImageKind> = new Set(['png', 'gif', 'svg', 'tiff'] as const);
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
