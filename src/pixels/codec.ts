import { Buffer } from 'node:buffer';
import sharp, { type Metadata, type ResizeOptions, type Sharp, type SharpOptions } from 'sharp';
import type { ModelImage } from '../core/ask.js';
import { messageOf } from '../core/errors.js';
import { groundFor, type Tone, WHITE } from './flatten.js';
import { mustFitPixels, tookTooLong, tooLarge, truncated, unreadable } from './formats/header.js';
import type { Grey } from './ink/grey.js';
import { CHANNELS, type Raster } from './raster.js';
import { RGBA_CHANNELS, type Rgba } from './rgba.js';
import type { Rect, Size, SizePlan } from './sizing.js';

/** What decoding needs to know of a source. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** Which of the images in the bytes, from 0. */
  readonly frame: number;
  /** Its pixels, where they were drawn already; null where sharp decodes the bytes. */
  readonly raster: Rgba | Raster | null;
  /** For drawings without a size of their own: 72 draws them as large as they say. */
  readonly density: number;
  /** Whole seconds after which sharp gives up. */
  readonly timeoutSecs: number;
  /** What is behind clear areas; white when left out. */
  readonly ground?: Tone;
  /** Width × height above which nothing is decoded. */
  readonly maxInputPixels: number;
  /** Whether the bounds of XML parsers do not hold for it; only where a decoder can be stopped. */
  readonly isUnlimited?: boolean;
  /** How much damage is let pass: `warning` none, `error` what a decoder repairs without loss. */
  readonly failOn: 'warning' | 'error';
}

/** What a decoder says of an image. */
export interface Facts {
  /** Upright, after EXIF. */
  readonly upright: Size;
  /** What its clear areas are drawn on; white when left out. */
  readonly ground?: Tone;
  /** Whether its pixels are what a model reads: upright, 8 bits, grey or sRGB, opaque. */
  readonly isPlain: boolean;
  /** Pages of a TIFF, frames of an animation, else 1. */
  readonly frames: number;
}

export type Format = 'jpeg' | 'png';

/** How large an image is drawn. */
export interface Output {
  readonly plan: SizePlan;
  /** The part of the upright image that is drawn; all of it when left out. */
  readonly part?: Rect;
}

/** Code tables of its own would save an image 4 to 8 % of its bytes, for up to a fourth of what drawing it costs. */
const JPEG = { quality: 90, optimiseCoding: false } as const;
/** At this density, drawings are as large as they say in pixels. */
export const NATURAL_DENSITY = 72;

/**
 * Sets how many threads libvips may use for one image, and switches its cache off: no image is decoded twice. Both are
 * settings of the whole process; the last caller wins.
 */
export function useThreads(threads: number): void {
  sharp.concurrency(threads);
  sharp.cache(false);
}

/** Reads the header. @throws VisionError IMAGE_TRUNCATED, IMAGE_TOO_LARGE, IMAGE_UNREADABLE */
export async function readFacts(source: Encoded): Promise<Facts> {
  const metadata = await decoding(source, async (options) => await opened(source, options).metadata());
  const { width, height } = metadata.autoOrient;
  mustFitPixels({ width, height }, source.maxInputPixels);
  const facts = { upright: { width, height }, isPlain: isPlain(metadata), frames: metadata.pages ?? 1 };
  return metadata.hasAlpha ? { ...facts, ground: await readGround(source) } : facts;
}

/** On what the clear areas of an image are to be drawn, so that its ink stays readable. Throws as {@link readFacts}. */
export async function readGround(source: Encoded): Promise<Tone> {
  return groundFor(await renderClear(source, CLEAR_SIDE));
}

/** How many frames or pages there are, by the header of the first. Throws as {@link readFacts}, but never for its size. */
export async function countFrames(source: Encoded): Promise<number> {
  const { pages } = await decoding(source, async (options) => await opened(source, options).metadata());
  return pages ?? 1;
}

/** Draws the image as a person sees it: upright, on its ground, 8-bit sRGB, in the planned size, unpacked. */
export async function renderRaster(source: Encoded, { plan, part }: Output): Promise<Raster> {
  if (part === undefined && source.raster !== null && isAsPlanned(source.raster, plan)) return source.raster;
  const { left, top, width, height } = plan.image;
  const right = plan.canvas.width - width - left;
  const bottom = plan.canvas.height - height - top;
  const pixels = await decoding(source, async (options) =>
    upright(source, options, part)
      .resize({ width, height, fit: 'fill' })
      .extend({ left, top, right, bottom, background: greyOf(source) })
      .toColourspace('srgb')
      .raw()
      .toBuffer(),
  );
  return { ...plan.canvas, pixels };
}

/** Whether pixels that were drawn already are a planned image as they are. */
function isAsPlanned(drawn: Rgba | Raster, { image, canvas }: SizePlan): boolean {
  const isWhole = image.width === canvas.width && image.height === canvas.height;
  return isWhole && image.width === drawn.width && image.height === drawn.height && !hasOpacity(drawn);
}

function hasOpacity({ pixels, width, height }: Rgba | Raster): boolean {
  return pixels.length !== width * height * CHANNELS;
}

/** How far an image is turned. */
export interface Rotation {
  /** Clockwise. */
  readonly degrees: number;
  /** What comes into view at the corners. */
  readonly ground: Tone;
}

/** Draws the image in full size as a person sees it, turned further, and leaves it unpacked. */
export async function renderTurned(source: Encoded, { degrees, ground }: Rotation): Promise<Rgba> {
  return await decoding(source, async (options) => {
    const turned = upright(source, options).rotate(degrees, { background: { r: ground, g: ground, b: ground } });
    return await unpacked(turned.toColourspace('srgb').ensureAlpha());
  });
}

/** What is drawn without colour, and how large at most. */
export interface GreyOutput {
  /** The longer side is no longer than this, in pixels; nothing is enlarged. */
  readonly longest: number;
  readonly part?: Rect;
}

/** Draws the image as {@link renderRaster} does, but small and grey. */
export async function renderGrey(source: Encoded, { longest, part }: GreyOutput): Promise<Grey> {
  return await decoding(source, async (options) => {
    const drawn = upright(source, options, part).resize(within(longest));
    return await unpacked(drawn.toColourspace('b-w'));
  });
}

/** Draws the image as {@link renderGrey} does, but its red, green and blue apart, as three pictures. */
export async function renderPrimaries(source: Encoded, { longest, part }: GreyOutput): Promise<readonly Grey[]> {
  return await decoding(source, async (options) => {
    const drawn = upright(source, options, part).resize(within(longest));
    const { width, height, pixels: all, channels } = await unpacked(drawn.toColourspace('srgb'));
    return Array.from({ length: channels }, (_, channel) => {
      const pixels = new Uint8Array(width * height);
      for (let at = 0; at < pixels.length; at += 1) pixels[at] = all[at * channels + channel] ?? 0;
      return { width, height, pixels };
    });
  });
}

/** Longest side of the picture in which it is told what stands on clear ground. */
const CLEAR_SIDE = 400;

/** Draws the image as it is stored, its clear areas kept, no larger than a longest side. */
export async function renderClear(source: Encoded, longest?: number): Promise<Rgba> {
  return await decoding(source, async (options) => {
    const drawn = opened(source, options);
    const small = longest === undefined ? drawn : drawn.resize(within(longest));
    return await unpacked(small.toColourspace('srgb').ensureAlpha());
  });
}

/** Scales to a longest side; nothing is enlarged. */
function within(longest: number): ResizeOptions {
  return { width: longest, height: longest, fit: 'inside', withoutEnlargement: true };
}

/** What is drawn, as pixels of so many bytes each. */
async function unpacked(drawn: Sharp): Promise<Rgba & { readonly channels: number }> {
  const { data, info } = await drawn.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data, channels: info.channels };
}

function greyOf({ ground = WHITE }: Encoded): { readonly r: number; readonly g: number; readonly b: number } {
  return { r: ground, g: ground, b: ground };
}

/** Writes pixels as a file. @throws VisionError IMAGE_UNREADABLE where the format has no room for them */
export async function encodeRaster({ pixels, width, height }: Raster, format: Format): Promise<ModelImage> {
  const drawn = sharp(pixels, { raw: { width, height, channels: CHANNELS }, limitInputPixels: false });
  try {
    const bytes = await (format === 'png' ? drawn.png() : drawn.jpeg(JPEG)).toBuffer();
    return { bytes, width, height };
  } catch (error) {
    throw unreadable(firstLine(error), error);
  }
}

/** A source's pixels, encoded or drawn already. */
function opened({ bytes, frame, raster, density, timeoutSecs, isUnlimited }: Encoded, options: SharpOptions): Sharp {
  if (raster !== null) {
    const { pixels, width, height } = raster;
    const channels = hasOpacity(raster) ? RGBA_CHANNELS : CHANNELS;
    return sharp(pixels, { ...options, raw: { width, height, channels } }).timeout({ seconds: timeoutSecs });
  }
  const chosen = {
    ...options,
    ...(frame > 0 && { page: frame }),
    ...(density !== NATURAL_DENSITY && { density }),
    ...(isUnlimited && { unlimited: true }),
  };
  return sharp(bytes, chosen).timeout({ seconds: timeoutSecs });
}

function upright(source: Encoded, options: SharpOptions, part?: Rect): Sharp {
  const drawn = opened(source, { ...options, autoOrient: true });
  return (part === undefined ? drawn : drawn.extract(part)).flatten({ background: greyOf(source) });
}

/**
 * Decodes the image and throws it away, all of it or down to a part of its last row: a smaller version would not show a
 * cut in its last rows. Throws as {@link renderRaster}.
 */
export async function proveDecodable(source: Encoded, lastRow?: Rect): Promise<void> {
  await decoding(source, async (options) => {
    const drawn = opened(source, options);
    await (lastRow === undefined ? drawn : drawn.extract(lastRow)).raw().toBuffer();
  });
}

async function decoding<T>(source: Encoded, decode: (options: SharpOptions) => Promise<T>): Promise<T> {
  try {
    return await decode({ limitInputPixels: source.maxInputPixels, failOn: source.failOn });
  } catch (error) {
    const message = messageOf(error);
    if (/^timeout/i.test(message)) throw tookTooLong(source.timeoutSecs, error);
    if (/pixel limit/i.test(message)) throw tooLarge('more pixels', source.maxInputPixels, error);
    if (/premature end of JPEG|unexpected end|truncat|bad seek/i.test(message)) throw truncated(error);
    throw unreadable(firstLine(error), error);
  }
}

function firstLine(error: unknown): string {
  const message = messageOf(error);
  return message.split('\n', 1)[0]?.replace(/\.$/, '') ?? message;
}

function isPlain(metadata: Metadata): boolean {
  return (
    (metadata.orientation ?? 1) === 1 &&
    metadata.depth === 'uchar' &&
    (metadata.bitsPerSample ?? 8) === 8 &&
    (metadata.space === 'srgb' || metadata.space === 'b-w') &&
    !metadata.hasAlpha &&
    !metadata.isPalette &&
    (metadata.icc === undefined || isSrgb(metadata.icc))
  );
}

/** Whether a colour profile is that of sRGB, by its description: in ASCII or UTF-16, by the profile's version. */
function isSrgb(profile: Buffer): boolean {
  return profile.includes('sRGB', 0, 'latin1') || profile.includes(Buffer.from('\0s\0R\0G\0B', 'latin1'));
}
