import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT, ExitError } from '../../core/exit.js';
import { folderPrefix, removeLeftovers } from './leftovers.js';

/** What came on a stream, in a temporary file, for what is read more than once. Disposing removes it. */
export interface SpooledFile extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
}

export interface SpoolOptions {
  /** Of the file. */
  readonly name: string;
  /** What comes, for what is said of it. */
  readonly noun: string;
  readonly maxBytes: number;
}

/**
 * Writes what comes on stdin into a temporary file.
 *
 * @throws ExitError 2 where it is larger than `maxBytes`, 3 where there is no room for it
 */
export async function spooled(stream: AsyncIterable<Uint8Array>, options: SpoolOptions): Promise<SpooledFile> {
  await removeLeftovers();
  const folder = await mkdtemp(path.join(tmpdir(), folderPrefix())).catch(refuse(options));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const file = path.join(folder, options.name);
  try {
    await write(stream, file, options);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { path: file, [Symbol.asyncDispose]: dispose };
}

async function write(stream: AsyncIterable<Uint8Array>, file: string, options: SpoolOptions): Promise<void> {
  const { maxBytes, noun } = options;
  await using handle = await open(file, 'wx', 0o600);
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new ExitError(EXIT.usage, `Expected a ${noun} of at most ${maxBytes} bytes on stdin, got a larger one.`, {
        fix: 'Write it into a file, and name that.',
      });
    }
    await handle.appendFile(chunk).catch(refuse(options));
  }
}

function refuse({ noun }: SpoolOptions): (error: NodeJS.ErrnoException) => never {
  return (cause) => {
    const what = `The ${noun} on stdin could not be written into ${tmpdir()} (${cause.code ?? cause.message}).`;
    const fix = 'Make room there, or name another folder in the environment: TMPDIR';
    throw new ExitError(EXIT.dependency, what, { fix, cause });
  };
}
