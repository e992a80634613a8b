import { VisionError } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';

/** What a failure of the run means for the command's exit code. */
export function asExit(error: unknown): unknown {
  if (!(error instanceof VisionError)) return error;
  if (error.code === 'STORE_FAILED' || error.code === 'OUTPUT_LOST')
    return new ExitError(EXIT.output, error.sentence, { cause: error });
  if (error.code === 'ASK_REFUSED')
    return new ExitError(EXIT.usage, `The host refused the question: ${error.sentence}`, { cause: error });
  return error;
}
