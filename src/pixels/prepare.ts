import type { ModelImage, PixelSettings } from '../core/ask.js';
import { VisionError } from '../core/errors.js';
import { sha256Hex } from '../core/fingerprint.js';
import { sniff } from '../core/sniff.js';
import { type Encoded, type Facts, mustBeDecodable, proveDecodable, readFacts, render, useThreads } from './codec.js';
import { swapsSides } from './exif.js';
import type { ImageHeader } from './header.js';
import { readJpegSegments } from './jpeg-segments.js';
import { decodable, type ImageKind, severalFrames } from './kinds.js';
import { readPngChunks } from './png-chunks.js';
import { isUnchanged, planSize, type Size, type SizePlan } from './sizing.js';

export interface PixelsOptions {
  /** Threads that one image may be decoded with; images beside each other use more. */
  readonly threads: number;
  /** Width × height above which nothing is decoded: a small file can hold more than the memory. */
  readonly maxInputPixels: number;
}

/**
 * - `first-frame-only`: an animation, of which the model sees the first frame.
 * - `damaged`: the decoder found a fault that costs no pixels, such as stray bytes.
 */
export type PixelWarning = 'first-frame-only' | 'damaged';

/** An image as a model sees it, and what is said of its source. */
export interface PreparedImage {
  readonly image: ModelImage;
  /** Of the source's bytes, 64 hex digits. */
  readonly sha256: string;
  /** The source's size upright, before sizing. */
  readonly width: number;
  readonly height: number;
  readonly warnings: readonly PixelWarning[];
}

export interface Pixels {
  /**
   * Makes a file's bytes what a model can see: upright, flattened on white, 8-bit sRGB, sized by the settings, as JPEG or
   * PNG. Bytes that are all this pass through untouched. With `as-is` everything does, but for images that are too small
   * or too thin for any model: these are padded all the same, because they crash hosts.
   *
   * @throws VisionError IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE, IMAGE_UNSUPPORTED
   */
  prepareImage(bytes: Uint8Array, settings: PixelSettings): Promise<PreparedImage>;
}

export function createPixels({ threads, maxInputPixels }: PixelsOptions): Pixels {
  useThreads(threads);
  return {
    async prepareImage(bytes, settings) {
      const source = await look(bytes, settings, maxInputPixels);
      const drawing = draw(source, settings);
      const sha256 = sha256Hex(bytes); // while libvips draws in threads of its own
      const { image, isDamaged } = await drawing;
      const warnings: PixelWarning[] = [];
      if (source.facts.frames > 1) warnings.push('first-frame-only');
      if (isDamaged) warnings.push('damaged');
      return { image, sha256, ...source.facts.upright, warnings };
    },
  };
}

interface Source extends Encoded {
  readonly kind: ImageKind;
  /** Null for kinds that only a decoder can walk. */
  readonly header: ImageHeader | null;
  readonly facts: Facts;
}

interface Drawn {
  readonly image: ModelImage;
  readonly isDamaged: boolean;
}

/** With `as-is`, a JPEG or PNG is looked at without a decoder. */
async function look(bytes: Uint8Array, settings: PixelSettings, maxInputPixels: number): Promise<Source> {
  const kind = decodable(sniff(bytes), bytes);
  const header = walk(kind, bytes);
  if (header !== null) mustBeDecodable(header, maxInputPixels);
  const encoded: Encoded = { bytes, maxInputPixels, failOn: kind === 'jpeg' ? 'warning' : 'error' };
  const facts = header !== null && settings.mode === 'as-is' ? factsOf(header) : await readFacts(encoded);
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

const UNLIMITED = { maxSide: Number.POSITIVE_INFINITY, maxPixels: Number.POSITIVE_INFINITY };

async function draw(source: Source, settings: PixelSettings): Promise<Drawn> {
  const isAsIs = settings.mode === 'as-is';
  const plan = planSize(source.facts.upright, isAsIs ? UNLIMITED : settings);
  if (isUnchanged(source.facts.upright, plan) && (isAsIs || isSendable(source))) {
    const image = { bytes: source.bytes, ...storedSize(source) };
    if (isAsIs && source.header !== null) return { image, isDamaged: false };
    const { isDamaged } = await tolerant(source, (encoded) => proveDecodable(encoded, source.facts.upright));
    return { image, isDamaged };
  }
  const { result, isDamaged } = await tolerant(source, (encoded) =>
    render(encoded, { plan, format: formatFor(source.kind, plan) }),
  );
  return { image: result, isDamaged };
}

/** Whether a host reads these very bytes as a person would see them. More bytes than bare pixels are mostly not image. */
function isSendable({ kind, facts, bytes }: Source): boolean {
  const { width, height } = facts.upright;
  return (
    (kind === 'jpeg' || kind === 'png') && facts.isPlain && facts.frames === 1 && bytes.length <= 3 * width * height
  );
}

function storedSize({ header, facts }: Source): Size {
  return header === null ? facts.upright : { width: header.width, height: header.height };
}

const LOSSLESS: ReadonlySet<ImageKind> = new Set(['png', 'gif', 'svg', 'tiff'] as const);
/** Beyond this a PNG takes longer to write and to upload than it is worth. */
const MOST_PNG_PIXELS = 1_000_000;

/** PNG keeps small drawings and screenshots crisp; everything else is JPEG. */
function formatFor(kind: ImageKind, { canvas }: SizePlan): 'jpeg' | 'png' {
  return LOSSLESS.has(kind) && canvas.width * canvas.height <= MOST_PNG_PIXELS ? 'png' : 'jpeg';
}

/** Faults of real cameras and scanners after which libjpeg still has every pixel. */
const HARMLESS = /extraneous bytes before marker|Invalid SOS parameters|Unknown Adobe color transform/i;

async function tolerant<T>(source: Encoded, decode: (source: Encoded) => Promise<T>) {
  try {
    return { result: await decode(source), isDamaged: false };
  } catch (error) {
    if (!(error instanceof VisionError && error.code === 'IMAGE_UNREADABLE' && HARMLESS.test(error.message)))
      throw error;
    return { result: await decode({ ...source, failOn: 'error' }), isDamaged: true };
  }
}
