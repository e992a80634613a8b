import { Buffer, isUtf8 } from 'node:buffer';
import { ManifestError, type ManifestFile } from './manifest-error.js';
import { type TextFile, utf8Of } from './text-file.js';

/** A longer row holds more than an image, or a quote in it was never closed. */
export const MAX_ROW_BYTES = 32 * 1_048_576;

const NEWLINE = 0x0a;

/** Some whole lines of a file, with their line ends. */
export interface Lines {
  /** UTF-8 without byte order mark; the file's last line may have no line end. */
  readonly bytes: Buffer;
  /** Number of the first of them, from 1. */
  readonly first: number;
  /** Where they begin in the text, in bytes of the file where it is UTF-8 and not packed. */
  readonly offset: number;
}

/**
 * Reads a text file line by line, many at a time, in flat memory.
 *
 * @throws ExitError 2 where the file cannot be read, is not in its encoding, or has a line beyond {@link MAX_ROW_BYTES}
 */
export async function* wholeLines(file: TextFile): AsyncGenerator<Lines> {
  let parts: Buffer[] = [];
  let held = 0;
  let first = 1;
  let offset = file.markBytes;
  for await (const chunk of utf8Of(file)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (held + end > MAX_ROW_BYTES) throw tooLong(file, first);
    if (end > 0) {
      const bytes = Buffer.concat([...parts, chunk.subarray(0, end)]);
      mustBeUtf8({ bytes, first, offset }, file);
      yield { bytes, first, offset };
      first += newlinesIn(bytes);
      offset += bytes.length;
      parts = [];
      held = 0;
    }
    parts.push(chunk.subarray(end));
    held += chunk.length - end;
    if (held > MAX_ROW_BYTES) throw tooLong(file, first);
  }
  const bytes = Buffer.concat(parts);
  mustBeUtf8({ bytes, first, offset }, file);
  if (bytes.length > 0) yield { bytes, first, offset };
}

/** What a row without an end looks like. */
export function tooLong(file: ManifestFile, line: number): ManifestError {
  return new ManifestError(file, {
    line,
    problem: `Expected a row of at most ${MAX_ROW_BYTES} bytes, got a longer one.`,
    fix: 'Is a quote not closed? Large images belong in files that the rows name.',
  });
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
    fix: 'Save it as UTF-8, or name what it is written in: --encoding windows-1252',
  });
}

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
