import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { VisionRecord } from '../core/record.js';
import { unlessAborted } from '../core/unless-aborted.js';
import { PIECE_BYTES, type RowFormat } from './row-format.js';

const NEW_LINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** JSONL: every row is the record's line as the store holds it. */
export class JsonlFormat implements RowFormat {
  readonly longCells = 0;
  readonly furtherLines = 0;
  readonly #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #used = 0;

  begin(): Uint8Array {
    return NOTHING;
  }

  add(line: Uint8Array): Uint8Array | null {
    if (this.#used + line.length < PIECE_BYTES) {
      this.#append(this.#piece, line);
      return null;
    }
    // The piece is filled again while what it held is written.
    const full = Buffer.allocUnsafe(this.#used + line.length + 1);
    this.#piece.copy(full, 0, 0, this.#used);
    this.#append(full, line);
    this.#used = 0;
    return full;
  }

  end(): Uint8Array {
    return this.#piece.subarray(0, this.#used);
  }

  #append(to: Buffer, line: Uint8Array): void {
    to.set(line, this.#used);
    to[this.#used + line.length] = NEW_LINE;
    this.#used += line.length + 1;
  }
}

/** Writes one row to a stream (`-o -`) and waits while its reader is slower than we are; nothing once the signal fired. */
export async function streamRow(to: Writable, record: VisionRecord, until: AbortSignal): Promise<void> {
  if (until.aborted || to.write(`${JSON.stringify(record)}\n`)) return;
  await unlessAborted(until, once(to, 'drain')).catch((error: unknown) => {
    if (!until.aborted) throw error;
  });
}
