import type { Surroundings } from '../../config/surroundings.js';

/** Where a command stands and speaks; handed in, so that tests can stand elsewhere. */
export interface Io {
  readonly cwd: string;
  /** Data only. */
  readonly stdout: NodeJS.WriteStream;
  /** Everything else. */
  readonly stderr: NodeJS.WriteStream;
  /** Version of this build. */
  readonly version: string;
  readonly surroundings: Surroundings;
}
