import { type FileHandle, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EXIT, ExitError } from '../core/exit.js';

const PART = '.visionbatch-part';
/** A part that nobody has written to for so long was left by a process that is gone. */
const ABANDONED_MS = 3_600_000;

/** Size and time of a file, as they tell one writing of it from another. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
}

/** A file that takes another's place only when it is whole and on the disk. */
export class OutputFile {
  readonly #path: string;
  readonly #part: string;
  readonly #handle: FileHandle;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, part: string, handle: FileHandle) {
    this.#path = path;
    this.#part = part;
    this.#handle = handle;
  }

  /** Opens the part file beside `path` (beside its target where it is a link). */
  static async create(path: string): Promise<OutputFile> {
    const target = await realpath(path).catch(() => path);
    await removeAbandoned(target);
    const part = join(dirname(target), `.${basename(target)}.${process.pid}${PART}`);
    const mode = await stat(target).then(
      (found) => found.mode & 0o777,
      () => null,
    );
    const handle = await open(part, 'w');
    if (mode !== null) await handle.chmod(mode);
    return new OutputFile(target, part, handle);
  }

  /** Waits for the piece before, so that the next one is made while this one is written. */
  async write(piece: Uint8Array): Promise<void> {
    await this.#writing;
    this.#writing = this.#handle.appendFile(piece);
    // Its failure is thrown by the next call.
    this.#writing.catch(() => undefined);
  }

  /** Everything is on the disk; the stamp is the one that the file will keep. */
  async finish(): Promise<FileStamp> {
    await this.#writing;
    await this.#handle.sync();
    const { size, mtimeMs } = await this.#handle.stat();
    await this.#handle.close();
    return { size, mtimeMs };
  }

  /** Puts it in the other's place, for good. */
  async replace(): Promise<void> {
    await rename(this.#part, this.#path);
    await syncFolder(dirname(this.#path));
  }

  /** Leaves the other in its place. */
  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
    await unlink(this.#part).catch(() => undefined);
  }
}

/** Makes a rename outlive a power cut. Some file systems know no such thing; the rename stands all the same. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  if (folder === null) return;
  await folder.sync().catch(() => undefined);
  await folder.close();
}

async function removeAbandoned(target: string): Promise<void> {
  const folder = dirname(target);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`.${basename(target)}.`) || !name.endsWith(PART)) continue;
    const found = await stat(join(folder, name)).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_MS) {
      await unlink(join(folder, name)).catch(() => undefined);
    }
  }
}

/** What is at a path; null for nothing. */
export async function stampOf(path: string): Promise<FileStamp | null> {
  const found = await stat(path).catch(() => null);
  return found === null ? null : { size: found.size, mtimeMs: found.mtimeMs };
}

const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space on that disk or choose another output.',
  EDQUOT: 'Raise the quota, free space, or choose another output.',
  EFBIG: 'Choose another output, or raise the limit on file sizes.',
  EROFS: 'That disk is mounted read-only: choose another output.',
  EACCES: 'Give this user the right to write there or choose another output.',
  EPERM: 'Give this user the right to write there or choose another output.',
  ENOTDIR: 'A part of that path is a file: choose another output.',
};

/**
 * What to throw when writing an output threw `cause`: for the file system's refusals exit 5, naming the path, what is
 * wrong and the fix; anything else as it is.
 */
export function notWritable(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause) || !('code' in cause)) return cause;
  return new ExitError(EXIT.output, `The output ${path} cannot be written: ${cause.message}`, {
    fix: FIXES[String(cause.code)] ?? 'Choose another output.',
    cause,
  });
}
