import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { type BytePath, bytesOf, joined } from '../byte-path.js';
import { RealFolders } from '../real-folders.js';
import { type Look, lookAt, lookOf } from './listing.js';
import { realpathOf } from './walk.js';

/** A file as it is looked at, and where it lies without links; null where that cannot be told. */
export interface RealPlace {
  readonly look: Look | 'folder';
  readonly real: BytePath | null;
}

/** Folders whose place is remembered: a list names many files of few folders. */
const MOST_FOLDERS = 10_000;

/**
 * Tells where files lie without links. Folders are followed once, so that a file that is no link itself costs one look
 * at it, and not one at every folder above.
 */
export class RealPlaces {
  readonly #folders = new RealFolders({ find: realpathOf, most: MOST_FOLDERS });

  /** Looks at a file, following links. Never throws. */
  async of(file: BytePath): Promise<RealPlace> {
    const folder = await this.#folders.of(path.posix.dirname(file));
    const stats = folder === null ? null : await lstat(bytesOf(file)).catch(() => null);
    if (folder === null || stats === null || stats.isSymbolicLink()) {
      return { look: await lookAt(file), real: await realpathOf(file) };
    }
    return { look: lookOf(stats), real: joined(folder, path.posix.basename(file)) };
  }
}
