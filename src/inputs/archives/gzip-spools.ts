import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toVisionError, VisionError } from '../../core/errors.js';
import { type ByteRange, readRange } from '../file-range.js';
import { damaged } from './archive-member.js';
import { gunzipped } from './gunzip.js';

/** Archives that lie unpacked at once. Items come archive by archive, so two serve the change from one to the next. */
const MOST_KEPT = 2;
/** After so long without a read the disk is more use than the time that unpacking again takes. */
const IDLE_MS = 600_000;

/**
 * Gzipped archives, unpacked into temporary files: gzip can only be read from its start. The files have no name from the
 * moment they are open, so that the system frees them however this process ends.
 */
export class GzipSpools {
  readonly #spools = new Map<string, Spool>();

  /**
   * Reads a range of what a gzipped file holds; the first read of a file unpacks all of it.
   *
   * @throws VisionError as `gunzipped` does; UNEXPECTED where there is no room for it
   */
  async read(handle: FileHandle, stats: Stats, range: ByteRange): Promise<Uint8Array> {
    const id = [stats.dev, stats.ino, stats.size, stats.mtimeMs].join(' ');
    const spool = this.#spools.get(id) ?? new Spool(unpack(handle, stats.size));
    this.#spools.delete(id);
    this.#spools.set(id, spool); // now the youngest
    for (const [old, { isBusy }] of this.#spools) {
      if (this.#spools.size <= MOST_KEPT) break;
      if (!isBusy && old !== id) this.#close(old);
    }
    return await spool.read(range, () => this.#close(id));
  }

  #close(id: string): void {
    const spool = this.#spools.get(id);
    this.#spools.delete(id);
    spool?.close();
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

  async read(range: ByteRange, onIdle: () => void): Promise<Uint8Array> {
    clearTimeout(this.#idle);
    this.#readers += 1;
    try {
      const { ended, handle } = await this.#unpacked;
      const bytes = await readRange(handle, range);
      if (bytes === null) throw ended ?? damaged('the member reaches beyond its end', 'IMAGE_TRUNCATED');
      return bytes;
    } catch (error) {
      throw error instanceof VisionError ? error : noRoom(error);
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

/** What could be unpacked of an archive, in a file without a name. */
async function unpack(packed: FileHandle, size: number): Promise<Unpacked> {
  const name = path.join(tmpdir(), `visionbatch-${randomUUID()}`);
  const handle = await open(name, 'wx+', 0o600);
  try {
    await unlink(name);
    for await (const chunk of gunzipped(packed, size)) await handle.appendFile(chunk);
    return { handle, ended: null };
  } catch (error) {
    if (error instanceof VisionError) return { handle, ended: error };
    await handle.close();
    throw error;
  }
}

function noRoom(error: unknown): VisionError {
  const { sentence } = toVisionError(error);
  return new VisionError('UNEXPECTED', `The archive could not be unpacked into ${tmpdir()} (${sentence}).`, {
    fix: 'Make room there, or name another folder in the environment: TMPDIR',
    cause: error,
  });
}
