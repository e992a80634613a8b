import type { Io } from '../app/io.js';
import type { ExitCode } from '../core/exit.js';

/** What a command gets from the process it runs in. */
export interface Shell {
  readonly io: Io;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Tells how the command ended. */
  exit(code: ExitCode): void;
}
