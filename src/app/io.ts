import type { Surroundings } from '../../config/surroundings.js';

/** Where a command stands and speaks; handed in, so that tests can stand elsewhere. */
export interface Io {
  readonly cwd: string;
  /** Opens stdin: nothing is read of it by a command that does not. */
  stdin(): AsyncIterable<Uint8Array>;
  /** Data only. */
  readonly stdout: NodeJS.WriteStream;
  /** From here on the command goes on when stdout's reader has gone, which the signal tells; else it ends well there. */
  outliveStdout(): AbortSignal;
  /** From here on the process does not wait for stdout's reader at its end. */
  abandonStdout(): void;
  /** Everything else. */
  readonly stderr: NodeJS.WriteStream;
  /** Version of this build. */
  readonly version: string;
  readonly surroundings: Surroundings;
}
