import { Buffer } from 'node:buffer';
import sharp, { type Sharp } from 'sharp';
import type { FailureCode } from '../../../src/core/errors.js';
import type { Picture } from './picture.js';

interface Animal {
  /** Its file name. */
  readonly name: string;
  readonly make: () => Uint8Array | Promise<Uint8Array>;
}

/** A file that shows something. */
export interface Visible extends Animal {
  /** What a person sees on the page. */
  readonly sees: Picture;
  /** How far from that a careful copy may be, as a mean difference of 0…255. */
  readonly within: number;
  /** Which page it is, from 1; the only one when left out. */
  readonly page?: number;
  /** How many pages there are; left out for what has no pages. */
  readonly pages?: number;
}

/** A file that shows nothing, and why. */
export interface Hopeless extends Animal {
  readonly fails: FailureCode;
}

/** Lossless formats differ by rounding at most. */
export const EXACT = 1;
/** Lossy formats blur the edges of flat colours. */
export const LOSSY = 5;
/** Colours that ink cannot print come back duller. */
export const PRINTED = 50;

/** A picture in sharp's hands. */
export function drawn({ pixels, width, height }: Picture): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Pictures of one size as the frames of one image, in sharp's hands. */
export async function frames(pictures: readonly Picture[]): Promise<Sharp> {
  const files = await Promise.all(pictures.map((picture) => drawn(picture).png().toBuffer()));
  return sharp(files, { join: { animated: true } });
}

/** The bytes without their last part. */
export function cut(bytes: Uint8Array, share: number): Buffer {
  return Buffer.from(bytes.subarray(0, Math.floor(bytes.length * share)));
}
