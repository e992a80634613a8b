import { Buffer } from 'node:buffer';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, VisionError } from '../core/errors.js';

const FILE = 'in-hand';
/** Lines after which the file is begun anew with what is in hand. */
const MOST_LINES = 10_000;

/**
 * Keys of items in hand, in a file beside a store's tables: a line for each that comes and each that goes. A mark stands
 * before its item is touched, and has to outlive the process but not the machine: it is written at once, and never waits
 * for a commit.
 */
export class InHand {
  readonly #dir: string;
  readonly #keys: Set<string>;
  #file: number;
  #lines = 0;
  /** Whether the last line was cut: the next would go on where it ended. */
  #torn = true;

  /** @param dir - of an open store; what a former process left in hand is read first */
  constructor(dir: string) {
    this.#dir = dir;
    this.#keys = readKeys(dir);
    this.#file = openSync(join(dir, FILE), 'a');
    this.#beginAnew();
  }

  keys(): readonly string[] {
    return [...this.#keys];
  }

  take(keys: readonly string[]): void {
    for (const key of keys) this.#keys.add(key);
    this.#write('+', keys);
  }

  leave(keys: readonly string[]): void {
    const gone = keys.filter((key) => this.#keys.delete(key));
    this.#write('-', gone);
  }

  /** Writes the file anew where the store's folder was made again. */
  restore(): void {
    closeSync(this.#file);
    this.#file = openSync(join(this.#dir, FILE), 'a');
    this.#beginAnew();
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(sign: '+' | '-', keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#lines += keys.length;
    if (this.#torn || this.#lines > MOST_LINES) this.#beginAnew();
    else this.#append(linesOf(sign, keys));
  }

  #beginAnew(): void {
    ftruncateSync(this.#file);
    this.#lines = this.#keys.size;
    this.#append(linesOf('+', this.keys()));
  }

  #append(lines: string): void {
    this.#torn = true;
    try {
      const bytes = Buffer.from(lines);
      // A disk that fills up takes a part without an error.
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
      this.#torn = false;
    } catch (cause) {
      throw new VisionError('STORE_FAILED', `The store in ${this.#dir} cannot be written: ${messageOf(cause)}.`, {
        fix: 'Free disk space or repair the folder, then run the same command again.',
        cause,
      });
    }
  }
}

function linesOf(sign: '+' | '-', keys: readonly string[]): string {
  return keys.map((key) => `${sign}${JSON.stringify(key)}\n`).join('');
}

/** What was in hand when the file was last written. A line that was cut is as good as none. */
function readKeys(dir: string): Set<string> {
  const keys = new Set<string>();
  for (const line of textOf(join(dir, FILE)).split('\n').slice(0, -1)) {
    const key = keyOf(line);
    if (key === null) continue;
    if (line.startsWith('+')) keys.add(key);
    else keys.delete(key);
  }
  return keys;
}

function keyOf(line: string): string | null {
  try {
    const key: unknown = JSON.parse(line.slice(1));
    return typeof key === 'string' ? key : null;
  } catch {
    return null;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // a new store
  }
}
