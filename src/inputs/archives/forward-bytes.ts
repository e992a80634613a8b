import { Buffer } from 'node:buffer';
import { type RandomBytes, readRange } from '../file-range.js';

/** Bytes that are read once, from front to back. */
export interface ForwardBytes {
  /** Bytes behind us. */
  readonly position: number;
  /** The next bytes; fewer where they end. */
  read(length: number): Promise<Buffer>;
  /** Goes forward to a position; false, at the end, where there are not so many bytes. */
  skipTo(position: number): Promise<boolean>;
}

/** How much is read ahead. */
export interface Ahead {
  /** Read at least, and gone through rather than skipped. */
  readonly leastBytes: number;
  /** Read at once where one wanted place follows the other, as with small members. */
  readonly mostBytes: number;
}

/** A page of the usual file systems. */
const NEAR_AHEAD: Ahead = { leastBytes: 4_096, mostBytes: 65_536 };

/** Bytes of a file; what is skipped is not read. */
export class FileBytes implements ForwardBytes {
  readonly #handle: RandomBytes;
  readonly #most: Ahead;
  readonly #size: number;
  #position = 0;
  #aheadAt = 0;
  #aheadBytes: number;
  #ahead: Buffer = Buffer.alloc(0);

  /** @param size - of the file, in bytes */
  constructor(handle: RandomBytes, size: number, ahead = NEAR_AHEAD) {
    this.#handle = handle;
    this.#most = ahead;
    this.#aheadBytes = ahead.leastBytes;
    this.#size = size;
  }

  get position(): number {
    return this.#position;
  }

  async read(length: number): Promise<Buffer> {
    const wanted = Math.min(length, this.#size - this.#position);
    const from = this.#position - this.#aheadAt;
    if (from < 0 || from + wanted > this.#ahead.length) await this.#readAhead(wanted);
    const start = this.#position - this.#aheadAt;
    const bytes = this.#ahead.subarray(start, start + wanted);
    this.#position += bytes.length;
    return bytes;
  }

  async skipTo(position: number): Promise<boolean> {
    this.#position = Math.min(position, this.#size);
    return position <= this.#size;
  }

  async #readAhead(wanted: number): Promise<void> {
    const { leastBytes, mostBytes } = this.#most;
    const isNear = this.#position - this.#aheadAt < this.#ahead.length + leastBytes;
    this.#aheadBytes = isNear ? Math.min(2 * this.#aheadBytes, mostBytes) : leastBytes;
    const length = Math.min(Math.max(wanted, this.#aheadBytes), this.#size - this.#position);
    this.#ahead = Buffer.from((await readRange(this.#handle, { at: this.#position, length })) ?? []);
    this.#aheadAt = this.#position;
  }
}

/** Bytes of a stream. */
export class StreamBytes implements ForwardBytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #position = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  get position(): number {
    return this.#position;
  }

  async read(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0 && (await this.#fill())) {
      const part = this.#take(missing);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async skipTo(position: number): Promise<boolean> {
    while (this.#position < position && (await this.#fill())) this.#take(position - this.#position);
    return this.#position === position;
  }

  #take(most: number): Buffer {
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    this.#position += part.length;
    return part;
  }

  /** Whether there is a next byte. */
  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      this.#rest = value;
    }
    return true;
  }
}
