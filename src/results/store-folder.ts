import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Tells whether the file that a store writes to is still the one at its path. */
export class StoreFolder {
  readonly dir: string;
  #inode: bigint;

  /** @param dir - of an open store */
  constructor(dir: string) {
    this.dir = dir;
    this.#inode = inodeOf(dir);
  }

  /** `gone`: nothing is at the path. `foreign`: something else is. LMDB itself notices neither. */
  look(): 'here' | 'gone' | 'foreign' {
    if (!existsSync(join(this.dir, 'data.mdb'))) return 'gone';
    return inodeOf(this.dir) === this.#inode ? 'here' : 'foreign';
  }

  /** Makes the folder again. */
  restore(): void {
    mkdirSync(this.dir, { recursive: true });
  }

  /** Takes what is at the path now for ours. */
  adopt(): void {
    this.#inode = inodeOf(this.dir);
  }
}

function inodeOf(dir: string): bigint {
  return statSync(join(dir, 'data.mdb'), { bigint: true }).ino;
}
