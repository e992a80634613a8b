import { FAILURES, type FailureCode, messageOf, VisionError } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';

/** What went wrong as a whole, in the numbers of the command line's exit codes. */
export type ErrorExitCode = 2 | 3 | 4 | 5 | 6 | 70;

/**
 * What {@link askImage} throws and a {@link Batch} rejects with. What is wrong with a single image or answer is never
 * thrown: its `status` says so.
 *
 * - 2: something was asked for that cannot be, such as an option with a wrong value.
 * - 3: a host, a model or Redis is not there.
 * - 4: the inputs hold no image.
 * - 5: the output or the run's state cannot be written.
 * - 6: another process works on this run.
 * - 70: a fault of this library; `cause` is what was thrown.
 *
 * @example
 * ```ts
 * try {
 *   await askImage({ images: 'a.jpg', prompt: 'What is this?', model: 'gemma3' });
 * } catch (error) {
 *   if (error instanceof VisionBatchError && error.exitCode === 3) console.error('Is Ollama running?');
 * }
 * ```
 */
export class VisionBatchError extends Error {
  override readonly name = 'VisionBatchError';
  readonly exitCode: ErrorExitCode;
  /** Which failure of a host or model it was; null where it was none. */
  readonly code: FailureCode | null;
  /** What to do about it, one sentence; null where the message says all. */
  readonly fix: string | null;

  constructor(exitCode: ErrorExitCode, message: string, options: VisionBatchErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = exitCode;
    this.code = options.code ?? null;
    this.fix = options.fix ?? null;
  }
}

/** What else is known of an error. */
export interface VisionBatchErrorOptions {
  readonly code?: FailureCode;
  readonly fix?: string | undefined;
  readonly cause?: unknown;
}

/** The error for a call that cannot be meant. */
export function usageError(message: string, fix?: string): VisionBatchError {
  return new VisionBatchError(EXIT.usage, message, { fix });
}

/** What a program is told of anything thrown inside. What nobody expected is a fault of this library, with its cause. */
export function toVisionBatchError(thrown: unknown): VisionBatchError {
  if (thrown instanceof VisionBatchError) return thrown;
  if (thrown instanceof ExitError) {
    const cause = thrown.cause instanceof VisionError ? { code: thrown.cause.code } : {};
    return new VisionBatchError(errorExitCode(thrown.exitCode), thrown.message, {
      ...cause,
      fix: thrown.fix,
      cause: thrown,
    });
  }
  if (!(thrown instanceof VisionError)) return new VisionBatchError(EXIT.bug, messageOf(thrown), { cause: thrown });
  return new VisionBatchError(exitCodeOf(thrown), thrown.sentence, { code: thrown.code, cause: thrown });
}

function errorExitCode(code: number): ErrorExitCode {
  const known = ([2, 3, 4, 5, 6] as const).find((one) => one === code);
  return known ?? EXIT.bug;
}

/** A question that was refused is the caller's; a host or model that is not there is not. */
function exitCodeOf({ code, fate }: VisionError): ErrorExitCode {
  if (code === 'ASK_REFUSED' || code === 'REQUEST_REFUSED') return EXIT.usage;
  if (FAILURES[code] === 'stop') return EXIT.output;
  return fate === 'leave' || fate === 'requeue' ? EXIT.dependency : EXIT.bug;
}
