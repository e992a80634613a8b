import decode from 'heic-decode';
import { messageOf } from '../../core/errors.js';
import type { Rgba } from '../rgba.js';
import { mustFitPixels, unreadable } from './header.js';

/**
 * Decodes the first image of a HEIC or HEIF. libheif turns and mirrors it as the file's own boxes say (`irot`, `imir`);
 * an EXIF orientation beside them says the same again and is not applied.
 *
 * @throws VisionError IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function decodeHeic(bytes: Uint8Array, maxPixels: number): Promise<Rgba> {
  const image = await decodedBy(bytes);
  mustFitPixels(image, maxPixels);
  const { width, height, data } = image;
  return { width, height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

async function decodedBy(bytes: Uint8Array): ReturnType<typeof decode> {
  try {
    return await decode({ buffer: bytes });
  } catch (error) {
    throw unreadable(messageOf(error), error);
  }
}
