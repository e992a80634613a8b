import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { systemCodeOf } from '../../core/errors.js';
import type { TextEncoding } from '../../core/table-dialect.js';
import { ManifestError, type ManifestFile } from './manifest-error.js';
import { EncodingGuess, markOf, toUtf8, utf16Of } from './text-encoding.js';

/** A text file, and how its bytes become characters. */
export interface TextFile extends ManifestFile {
  /** Whether it is packed with gzip. */
  readonly packed: boolean;
  readonly encoding: TextEncoding;
  /** Length of its byte order mark. */
  readonly markBytes: number;
}

/** As of archives. */
const MOST_UNPACKED_BYTES = 16 * 2 ** 30;

type Packable = Pick<TextFile, 'given' | 'path' | 'packed'>;

/** What is looked at to tell the encoding, in bytes: a first odd character further down is an error with its line. */
const LOOKED_AT_BYTES = 64 * 1_048_576;

/**
 * Looks how a text file is written.
 *
 * @param encoding - where the user said it; null: it is found out
 * @throws ExitError 2 where the file cannot be read
 */
export async function openText(file: ManifestFile, encoding: TextEncoding | null): Promise<TextFile> {
  const raw = { ...file, packed: await isPacked(file) };
  const head = await headOf(raw);
  if (/^(?:fffe0000|0000feff)/.test(head.toString('hex', 0, 4))) {
    throw new ManifestError(file, {
      problem: 'Expected UTF-8, got UTF-32.',
      fix: `iconv -f utf-32 -t utf-8 ${file.given}`,
    });
  }
  const mark = markOf(head);
  const found = encoding ?? mark?.encoding ?? utf16Of(head) ?? (await guessed(raw));
  return { ...raw, encoding: found, markBytes: mark?.encoding === found ? mark.length : 0 };
}

/** The first bytes: all there are, or more than a mark or a header needs. */
async function headOf(file: Packable): Promise<Buffer> {
  for await (const chunk of bytesOf(file)) return chunk;
  return Buffer.alloc(0);
}

async function guessed(file: Packable): Promise<TextEncoding> {
  const guess = new EncodingGuess();
  let seen = 0;
  for await (const chunk of bytesOf(file)) {
    guess.look(chunk);
    seen += chunk.length;
    if (seen > LOOKED_AT_BYTES) break;
  }
  return guess.encoding;
}

/** The text of a file in UTF-8, without byte order mark, in pieces of any length. */
export async function* utf8Of(file: TextFile): AsyncGenerator<Buffer> {
  const text = toUtf8(file.encoding);
  let skip = file.markBytes;
  for await (const chunk of bytesOf(file)) {
    const bytes = text.write(chunk.subarray(skip));
    skip = Math.max(0, skip - chunk.length);
    if (bytes.length > 0) yield bytes;
  }
  const last = text.end();
  if (last.length > 0) yield last;
}

async function* bytesOf(file: Packable): AsyncGenerator<Buffer> {
  try {
    const stored = createReadStream(file.path);
    const unpacked = file.packed ? pipeline(stored, createGunzip(), () => {}) : stored; // the loop throws what goes wrong
    let size = 0;
    for await (const chunk of unpacked) {
      size += chunk.length;
      if (file.packed && size > MOST_UNPACKED_BYTES) throw bomb(file);
      yield Buffer.from(chunk);
    }
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    const code = systemCodeOf(error);
    if (!file.packed || !code.startsWith('Z_')) {
      throw new ManifestError(file, { problem: `The file cannot be read: ${code}.`, cause: error });
    }
    const problem = 'The gzip data is damaged, or its end is missing.';
    throw new ManifestError(file, { problem, fix: 'See what gzip -t says of it.', cause: error });
  }
}

function bomb(file: ManifestFile): ManifestError {
  const problem = `Expected at most ${MOST_UNPACKED_BYTES} bytes when unpacked, got more.`;
  return new ManifestError(file, { problem, fix: 'Unpack it yourself, and name the table.' });
}

/** By its first bytes: gzip (RFC 1952) begins with 1f 8b, which no text does. */
async function isPacked(file: ManifestFile): Promise<boolean> {
  const head = await headOf({ ...file, packed: false });
  return head[0] === 0x1f && head[1] === 0x8b;
}
