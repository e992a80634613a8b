import { constants } from 'node:fs';
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
 * Opens files under the roots and nowhere else: the path without links must lie in one of them. A file that is no link
 * itself costs one call of the system, since where its folder lies is asked once a second.
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
    return { handle: await open(real, OPEN_FLAGS), path: real };
  }

  /** Opens what is no link itself; null where it may lie outside. */
  async #openPlain(file: string): Promise<OpenedFile | null> {
    const plain = path.join(await this.#folders.of(path.dirname(file)), path.basename(file));
    return this.#holds(plain) ? { handle: await open(plain, OPEN_FLAGS), path: plain } : null;
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

function outside(file: string, name: string): VisionError {
  return new VisionError('IMAGE_FORBIDDEN', `${JSON.stringify(name)} leads to ${file}, outside of the run's folders.`, {
    fix: `Allow it with --root NAME=${path.dirname(file)}`,
  });
}
