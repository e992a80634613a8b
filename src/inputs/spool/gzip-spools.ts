import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toVisionError, VisionError } from '../../core/errors.js';
import { type ByteRange, readRange } from '../file-range.js';
import { type Gzipped, gunzipped } from './gunzip.js';

/** Files that lie unpacked at once. Items come file by file, so two serve the change from one to the next. */
const MOST_KEPT = 2;
/** After so long without a read the disk is more use than the time that unpacking again takes. */
const IDLE_MS = 600_000;

/** A gzipped file, open, and what tells it from another one. */
export interface SpoolSource extends Pick<Gzipped, 'handle' | 'noun'> {
  readonly stats: Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;
}

/**
 * Gzipped files, unpacked into temporary files: gzip can only be read from its start. The files have no name from the
 * moment they are open, so that the system frees them however this process ends.
 */
export class GzipSpools {
  readonly #spools = new Map<string, Spool>();

  /**
   * Reads a range of what a gzipped file holds; the first read of a file unpacks all of it. Null where it ends before
   * the range does.
   *
   * @throws VisionError as `gunzipped` does; UNEXPECTED where there is no room for it, which the next read tries again
   */
  async read({ handle, noun, stats }: SpoolSource, range: ByteRange): Promise<Uint8Array | null> {
    const id = [stats.dev, stats.ino, stats.size, stats.mtimeMs].join(' ');
    const spool = this.#spools.get(id) ?? new Spool(unpack({ handle, noun, size: stats.size }));
    this.#keep(id, spool);
    try {
      return await spool.read(range, () => this.#close(id, spool));
    } catch (error) {
      if (error instanceof VisionError) throw error;
      this.#close(id, spool);
      throw noRoom(noun, error);
    }
  }

  /** The spool is now the youngest. */
  #keep(id: string, spool: Spool): void {
    this.#spools.delete(id);
    this.#spools.set(id, spool);
    for (const [old, other] of this.#spools) {
      if (this.#spools.size <= MOST_KEPT) return;
      if (!other.isBusy && old !== id) this.#close(old, other);
    }
  }

  #close(id: string, spool: Spool): void {
    if (this.#spools.get(id) === spool) this.#spools.delete(id);
    spool.close();
  }
}

interface Unpacked {
  readonly handle: FileHandle;
  /** Why there is no more of it; null where it is whole. */
  readonly ended: VisionError | null;
}

class Spool {
  readonly #unpacked: Promise<Unpacked>;
  #readers = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(unpacked: Promise<Unpacked>) {
    this.#unpacked = unpacked;
  }

  get isBusy(): boolean {
    return this.#readers > 0;
  }

  async read(range: ByteRange, onIdle: () => void): Promise<Uint8Array | null> {
    clearTimeout(this.#idle);
    this.#readers += 1;
    try {
      const { ended, handle } = await this.#unpacked;
      const bytes = await readRange(handle, range);
      if (bytes === null && ended !== null) throw ended;
      return bytes;
    } finally {
      this.#readers -= 1;
      if (!this.isBusy) this.#idle = setTimeout(onIdle, IDLE_MS).unref();
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#unpacked.then(({ handle }) => handle.close()).catch(() => {});
  }
}

/** What could be unpacked of a file, in one without a name. */
async function unpack(packed: Gzipped): Promise<Unpacked> {
  const name = path.join(tmpdir(), `visionbatch-${randomUUID()}`);
  const handle = await open(name, 'wx+', 0o600);
  try {
    await unlink(name);
    for await (const chunk of gunzipped(packed)) await handle.appendFile(chunk);
    return { handle, ended: null };
  } catch (error) {
    if (error instanceof VisionError) return { handle, ended: error };
    await handle.close();
    throw error;
  }
}

function noRoom(noun: string, error: unknown): VisionError {
  const { sentence } = toVisionError(error);
  return new VisionError('UNEXPECTED', `The ${noun} could not be unpacked into ${tmpdir()} (${sentence}).`, {
    fix: 'Make room there, or name another folder in the environment: TMPDIR',
    cause: error,
  });
}
