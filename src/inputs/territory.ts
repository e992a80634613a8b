import { constants, readlinkSync } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { VisionError } from '../core/errors.js';
import type { Root } from '../core/item.js';
import { isWithin } from './byte-path.js';
import { RealFolders } from './real-folders.js';

/** A file that was opened for reading. */
export interface OpenedFile {
  readonly handle: FileHandle;
  /** Absolute, without links. */
  readonly path: string;
}

/** What was found of a folder is as good as new for so long: a link may be turned elsewhere at any time. */
const HOLDS_MS = 1_000;
const MOST_FOLDERS = 1_000;

/** O_NONBLOCK: opening a pipe must not wait for a writer. O_NOFOLLOW: the path was resolved, so a link is a swap. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * Opens files under the roots and nowhere else: the path without links must lie in one of them. Where a folder lies is
 * asked once a second, and the system is asked of every open file where that is: a folder may be turned into a link.
 */
export class Territory {
  readonly #roots: readonly Root[];
  readonly #folders = new RealFolders({ find: (folder) => realpath(folder), most: MOST_FOLDERS, holdsMs: HOLDS_MS });
  /** The roots without links. Resolved once, and again where a file lies in none of them: a mount may have come back. */
  #real: readonly string[] = [];

  constructor(roots: readonly Root[]) {
    this.#roots = roots;
  }

  /** Throws IMAGE_FORBIDDEN for a file outside, and what the system throws for one that cannot be opened. */
  async open(root: Root, name: string): Promise<OpenedFile> {
    const file = path.join(root.path, name);
    const opened = await this.#openPlain(file).catch(() => null); // looked at more closely, it says why
    if (opened !== null) return opened;
    const real = await realpath(file);
    if (!(await this.#holdsNow(real))) throw outside(real, name);
    const handle = await open(real, OPEN_FLAGS);
    const place = placeOf(handle);
    if (place === null || this.#holds(place)) return { handle, path: real };
    await handle.close(); // a folder above has become a link in between
    throw outside(place, name);
  }

  /** Opens what is no link itself; null where it may lie outside, and where the system does not tell where it lies. */
  async #openPlain(file: string): Promise<OpenedFile | null> {
    const plain = path.join(await this.#folders.of(path.dirname(file)), path.basename(file));
    if (!this.#holds(plain)) return null;
    const handle = await open(plain, OPEN_FLAGS);
    if (placeOf(handle) === plain) return { handle, path: plain };
    await handle.close(); // a folder above is a link by now, or there is no telling
    return null;
  }

  async #holdsNow(file: string): Promise<boolean> {
    if (this.#holds(file)) return true;
    const real = await Promise.all(this.#roots.map((root) => realpath(root.path).catch(() => null)));
    this.#real = real.filter((found) => found !== null);
    return this.#holds(file);
  }

  #holds(file: string): boolean {
    return this.#real.some((root) => isWithin(root, file));
  }
}

/** Where an open file lies, as Linux tells it without a look at the disk; null on other systems. */
function placeOf({ fd }: FileHandle): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

function outside(file: string, name: string): VisionError {
  return new VisionError('IMAGE_FORBIDDEN', `${JSON.stringify(name)} leads to ${file}, outside of the run's folders.`, {
    fix: `Allow it with --root NAME=${path.dirname(file)}`,
  });
}
