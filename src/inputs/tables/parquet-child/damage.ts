import { VisionError } from '../../../core/errors.js';

/**
 * IMAGE_UNREADABLE for what the reader threw over a file, with a bare reason. Errors that are words are plain ones; those of
 * V8 speak of what the reader did with the damaged bytes, which tells nobody anything.
 */
export function damageOf(cause: unknown): VisionError {
  const isWords = cause instanceof Error && cause.name === 'Error';
  return new VisionError('IMAGE_UNREADABLE', isWords ? cause.message : 'its bytes are damaged', { cause });
}
