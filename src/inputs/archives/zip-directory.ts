import { Buffer, isUtf8 } from 'node:buffer';
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader } from 'yauzl';
import { messageOf, VisionError } from '../../core/errors.js';
import { type BytePath, bytePathOf } from '../byte-path.js';
import { type RandomBytes, readRange } from '../file-range.js';
import { damaged } from './archive-member.js';

/** What the central directory of a ZIP file says of a member. */
export interface ZipEntry {
  /** As it is written there, with `/`. */
  readonly name: BytePath;
  /** Where its local header begins, from the file's start. */
  readonly headerAt: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly crc32: number;
  /** Compression method: 0 stored, 8 deflate (APPNOTE 4.4.5). */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly isLink: boolean;
}

/**
 * The members of a ZIP file in the order of its central directory, one after another, ZIP64 too. What is counted there
 * is the least: packers that know no ZIP64, as that of macOS, count modulo 65,536.
 *
 * @param size - of the file, in bytes
 * @throws VisionError IMAGE_UNREADABLE where the directory is not in order
 */
export async function* zipEntries(handle: RandomBytes, size: number): AsyncGenerator<ZipEntry> {
  const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
  try {
    const reader = new AheadReader(handle, size);
    const zip = await fromRandomAccessReaderPromise(reader, size, options);
    const countOn = async (): Promise<void> => {
      const isLast = zip.entriesRead === zip.entryCount;
      // The cursor is a number, whatever its types say.
      if (isLast && (await reader.hasEntryAt(Number(zip.readEntryCursor)))) zip.entryCount += 1;
    };
    await countOn();
    for await (const entry of zip.eachEntry()) {
      await countOn();
      yield entryOf(entry);
    }
  } catch (error) {
    const isOfSystem = (error as NodeJS.ErrnoException).errno !== undefined;
    if (isOfSystem || error instanceof VisionError) throw error;
    throw damaged(`its directory cannot be read (${messageOf(error).split('\n')[0]})`);
  }
}

const UNIX = 3;
const FILE_TYPE = 0o170000;
const LINK = 0o120000;

function entryOf(entry: Entry): ZipEntry {
  const mode = entry.externalFileAttributes >>> 16;
  return {
    name: nameOf(entry),
    headerAt: entry.relativeOffsetOfLocalHeader,
    packedBytes: entry.compressedSize,
    unpackedBytes: entry.uncompressedSize,
    crc32: entry.crc32,
    method: entry.compressionMethod,
    isEncrypted: entry.isEncrypted(),
    isLink: entry.versionMadeBy >>> 8 === UNIX && (mode & FILE_TYPE) === LINK,
  };
}

const UTF8_FLAG = 0x800;

/** UTF-8 where the flag says it, and where it is without saying so, as macOS writes it; else CP437 (APPNOTE D). */
function nameOf({ extraFields, fileNameRaw, generalPurposeBitFlag: flags }: Entry): BytePath {
  const name = isUtf8(fileNameRaw) ? fileNameRaw.toString('utf8') : null;
  if (name === null && (flags & UTF8_FLAG) !== 0) return fileNameRaw.toString('latin1').replaceAll('\\', '/');
  return bytePathOf(getFileNameLowLevel(name === null ? flags : flags | UTF8_FLAG, fileNameRaw, extraFields, false));
}

/** Bytes that are read at once: a directory is read in small pieces, one after another. */
const AHEAD_BYTES = 65_536;
/** What an entry of the directory opens with (APPNOTE 4.3.12). */
const ENTRY_MARK = Buffer.from('PK\x01\x02');

class AheadReader extends RandomAccessReader {
  readonly #handle: RandomBytes;
  readonly #size: number;
  #at = 0;
  #ahead: Uint8Array = new Uint8Array(0);

  constructor(handle: RandomBytes, size: number) {
    super();
    this.#handle = handle;
    this.#size = size;
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    this.#range(position, length).then(
      (bytes) => {
        into.set(bytes, offset);
        done(null);
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async hasEntryAt(at: number): Promise<boolean> {
    if (at + ENTRY_MARK.length > this.#size) return false;
    return Buffer.compare(await this.#range(at, ENTRY_MARK.length), ENTRY_MARK) === 0;
  }

  /** Whoever opened the file closes it. */
  override close(done: (error: Error | null) => void): void {
    done(null);
  }

  async #range(at: number, length: number): Promise<Uint8Array> {
    const from = at - this.#at;
    if (from >= 0 && from + length <= this.#ahead.length) return this.#ahead.subarray(from, from + length);
    if (at + length > this.#size) throw new Error('it ends too early');
    const ahead = { at, length: Math.min(Math.max(length, AHEAD_BYTES), this.#size - at) };
    this.#ahead = (await readRange(this.#handle, ahead)) ?? new Uint8Array(0);
    this.#at = at;
    if (this.#ahead.length < length) throw new Error('it became shorter');
    return this.#ahead.subarray(0, length);
  }
}
