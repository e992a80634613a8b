import { VisionError } from '../core/errors.js';
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
