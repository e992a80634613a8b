import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, ExitError } from '../core/exit.js';

/** All that a store keeps in its folder. */
const OWN_FILES: readonly string[] = ['data.mdb', 'lock.mdb', 'in-hand'];

/**
 * Makes a store's folder where there is none.
 *
 * @returns whether no store is in it yet
 * @throws ExitError with exit 2 where it holds files of others and no store
 */
export function makeStoreFolder(dir: string): boolean {
  makeOwnFolder(dir);
  const files = readdirSync(dir);
  if (files.includes('data.mdb')) return false;
  if (files.every((file) => OWN_FILES.includes(file))) return true;
  throw new ExitError(EXIT.usage, `The run's store would lie in ${dir}, which holds other files.`, {
    fix: 'Choose another place with --state DIR, or another name with --name.',
  });
}

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
    makeOwnFolder(this.dir);
  }

  /** Removes the store's own files, and the folder where nothing else is in it. */
  remove(): void {
    for (const file of OWN_FILES) rmSync(join(this.dir, file), { force: true });
    if (existsSync(this.dir) && readdirSync(this.dir).length === 0) rmdirSync(this.dir);
  }

  /** Takes what is at the path now for ours. */
  adopt(): void {
    this.#inode = inodeOf(this.dir);
  }
}

/** A store holds the URLs of its items with their passwords: nobody else reads it. The folders above are not its own. */
function makeOwnFolder(dir: string): void {
  mkdirSync(dirname(dir), { recursive: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
}

function inodeOf(dir: string): bigint {
  return statSync(join(dir, 'data.mdb'), { bigint: true }).ino;
}
