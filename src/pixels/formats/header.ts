import { VisionError } from '../../core/errors.js';
import type { Size } from '../sizing.js';
import type { Orientation } from './exif.js';

/** What a file says of its image before a pixel is decoded. */
export interface ImageHeader {
  /** As stored, before EXIF turns it. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  readonly animated: boolean;
}

export function truncated(cause?: unknown): VisionError {
  return new VisionError('IMAGE_TRUNCATED', 'The file ends before its image does.', {
    fix: 'Copy, download or scan it again.',
    cause,
  });
}

export function unreadable(why: string, cause?: unknown): VisionError {
  return new VisionError('IMAGE_UNREADABLE', `The image cannot be decoded: ${why}.`, {
    fix: 'If an image viewer cannot open it either, get it from its source again.',
    cause,
  });
}

/** The decoder was stopped: a file like this holds up every other one. */
export function tookTooLong(seconds: number, cause?: unknown): VisionError {
  return new VisionError('IMAGE_UNREADABLE', `Decoding the image took longer than ${seconds} s.`, {
    fix: 'Make a smaller or simpler copy of it.',
    cause,
  });
}

/** What decoding would take is more than one image may. */
export function tooLarge(what: string, limit: number, cause?: unknown): VisionError {
  return new VisionError('IMAGE_TOO_LARGE', `The image has ${what}; ${limit} pixels are decoded at most.`, {
    fix: 'Make a smaller copy of it.',
    cause,
  });
}

/** @throws VisionError IMAGE_TOO_LARGE for more pixels than may be decoded */
export function mustFitPixels({ width, height }: Size, maxInputPixels: number): void {
  if (width * height > maxInputPixels) throw tooLarge(`${width} × ${height} pixels`, maxInputPixels);
}

/** The decoders were closed. Says nothing of the file: it is asked again in the next start. */
export function decodersClosed(): VisionError {
  return new VisionError('UNEXPECTED', 'The decoders were closed.');
}
