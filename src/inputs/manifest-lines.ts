import { Buffer, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { ManifestError, type ManifestFile } from './manifest-error.js';

/** A longer line holds no path and no words but an image, or a quote in it was never closed. */
export const MAX_ROW_BYTES = 1_048_576;

const NEWLINE = 0x0a;

/** Some whole lines of a file, with their line ends. */
export interface Lines {
  /** UTF-8 without byte order mark; the file's last line may have no line end. */
  readonly bytes: Buffer;
  /** Number of the first of them, from 1. */
  readonly first: number;
}

/**
 * Reads a text file line by line, many at a time, in flat memory.
 *
 * @throws ExitError 2 where the file cannot be read, is not UTF-8, or has a line beyond {@link MAX_ROW_BYTES}
 */
export async function* wholeLines(file: ManifestFile): AsyncGenerator<Lines> {
  let rest: Buffer = Buffer.alloc(0);
  let first = 1;
  for await (const chunk of chunksOf(file)) {
    const all = Buffer.concat([rest, chunk]);
    const bytes = all.subarray(0, all.lastIndexOf(NEWLINE) + 1);
    mustBeUtf8({ bytes, first }, file);
    if (bytes.length > 0) yield { bytes, first };
    first += newlinesIn(bytes);
    rest = all.subarray(bytes.length);
    if (rest.length > MAX_ROW_BYTES) throw tooLong(file, first);
  }
  mustBeUtf8({ bytes: rest, first }, file);
  if (rest.length > 0) yield { bytes: rest, first };
}

async function* chunksOf(file: ManifestFile): AsyncGenerator<Buffer> {
  let isFirst = true;
  try {
    for await (const chunk of createReadStream(file.path)) {
      const bytes = Buffer.from(chunk);
      yield isFirst ? withoutMark(bytes, file) : bytes;
      isFirst = false;
    }
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ManifestError(file, { problem: `The file cannot be read: ${code}.`, cause: error });
  }
}

/** What a row without an image, or without an end, looks like. */
export function tooLong(file: ManifestFile, line: number): ManifestError {
  return new ManifestError(file, {
    line,
    problem: `Expected a row of at most ${MAX_ROW_BYTES} bytes, got a longer one.`,
    fix: 'Is a quote not closed? Images themselves belong in files that the rows name.',
  });
}

function withoutMark(bytes: Buffer, file: ManifestFile): Buffer {
  const mark = bytes.toString('hex', 0, 3);
  if (mark === 'efbbbf') return bytes.subarray(3);
  if (!/^(?:fffe|feff)/.test(mark)) return bytes;
  throw new ManifestError(file, { problem: 'Expected UTF-8, got UTF-16.', fix: 'Save it as UTF-8.' });
}

function mustBeUtf8({ bytes, first }: Lines, file: ManifestFile): void {
  if (isUtf8(bytes)) return;
  let line = first;
  let from = 0;
  for (let to = bytes.indexOf(NEWLINE); to >= 0 && isUtf8(bytes.subarray(from, to)); line += 1) {
    from = to + 1;
    to = bytes.indexOf(NEWLINE, from);
  }
  throw new ManifestError(file, {
    line,
    problem: 'Expected UTF-8, got bytes that are not.',
    fix: 'Save it as UTF-8, for example with iconv.',
  });
}

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
