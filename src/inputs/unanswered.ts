import type { VisionError } from '../core/errors.js';
import { EXIT, ExitError } from '../core/exit.js';

/** Exit 3 where a listing on another machine was not told to its end: what is missing in it is not gone. */
export function unanswered(error: VisionError): ExitError {
  return new ExitError(EXIT.dependency, error.sentence, {
    fix: 'No row was given up for it: start again when it can be read.',
    cause: error,
  });
}
