import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

/** The clock of one process, which can jump. Needs Debian's faketime. */
export interface ProcessClock {
  /** For the process's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Its wall clock jumps; what measures durations goes on, and so do the times of files. */
  jump(byMs: number): Promise<void>;
}

const LIBRARY = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

/** Why no clock can jump here, or null. */
export const CLOCKS_STAND: string | null =
  LIBRARY === undefined ? 'no libfaketime here: `sudo apt-get install faketime`' : null;

/** A clock that is right until it jumps. `file` is its own. */
export async function processClock(file: string): Promise<ProcessClock> {
  if (LIBRARY === undefined) throw new Error(`Expected libfaketime, got ${CLOCKS_STAND}`);
  await writeFile(file, '+0\n');
  return {
    env: {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DISABLE_SHM: '1', // a process that is killed would leave it behind
      NO_FAKE_STAT: '1',
    },
    jump: (byMs) => writeFile(file, `${byMs < 0 ? '-' : '+'}${Math.abs(byMs) / 1_000}\n`),
  };
}
