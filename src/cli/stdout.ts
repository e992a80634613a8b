import { messageOf } from '../core/errors.js';
import { EXIT, ExitError } from '../core/exit.js';

/** How the process ends when stdout cannot be written. */
export interface StdoutEnds {
  /** A reader has seen enough, as `| head`. */
  readonly onGone: () => void;
  readonly onBroken: (error: ExitError) => void;
}

/** Watches stdout: a reader that has gone ends the process well, unless the command outlives it. */
export class StdoutWatch {
  readonly #gone = new AbortController();
  #isOutlived = false;
  #isAbandoned = false;

  constructor(stdout: NodeJS.WritableStream, { onGone, onBroken }: StdoutEnds) {
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') {
        onBroken(new ExitError(EXIT.output, `stdout cannot be written (${messageOf(error)})`, { cause: error }));
      } else if (this.#isOutlived) this.#gone.abort();
      else onGone();
    });
  }

  /** From here on the command goes on without a reader; the signal tells that it has gone. */
  outlive(): AbortSignal {
    this.#isOutlived = true;
    return this.#gone.signal;
  }

  /** Whether the process is not to wait for a reader at its end. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  abandon(): void {
    this.#isAbandoned = true;
  }
}
