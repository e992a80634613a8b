import { VisionError } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';

/** What a failure of the run means for the command's exit code. */
export function asExit(error: unknown): unknown {
  if (isNoRoom(error))
    return new ExitError(EXIT.output, `${error.message}.`, { fix: 'Free disk space.', cause: error });
  if (!(error instanceof VisionError)) return error;
  if (error.code === 'STORE_FAILED' || error.code === 'OUTPUT_LOST')
    return new ExitError(EXIT.output, error.sentence, { cause: error });
  if (error.code === 'ASK_REFUSED')
    return new ExitError(EXIT.usage, `The host refused the question: ${error.sentence}`, { cause: error });
  return error;
}

/** A file system's own word for a disk that takes no more. */
function isNoRoom(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && NO_ROOM.has(error.code);
}
const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS']);
