import { Buffer } from 'node:buffer';
import { listed, ManifestError, type ManifestFile, type ManifestRow } from './manifest-error.js';
import { wholeLines } from './manifest-lines.js';
import type { TextFile } from './text-file.js';

/** More names than this are data that was taken for names. */
const MOST_COLUMNS = 1_000;

/**
 * Every name that an object of the file has, in the order in which they first appear. The whole file is read: what its
 * last line carries must be known before the first column is written.
 *
 * @throws ExitError 2 with the line, where it holds no JSON object
 */
export async function jsonlColumns(file: TextFile): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const { value, line } of objectsOf(file)) {
    for (const name of Object.keys(value)) names.add(name);
    if (names.size > MOST_COLUMNS) {
      const problem = `Expected at most ${MOST_COLUMNS} different names, got more: ${listed([...names])}.`;
      throw new ManifestError(file, { line, problem });
    }
  }
  return [...names];
}

/**
 * The objects of a JSON Lines file as rows. What an object lacks, and null, is an empty cell; what is no text is written
 * as JSON.
 *
 * @throws ExitError 2 with the line, where it holds no JSON object or a whole number that JavaScript would round
 */
export async function* jsonlRows(file: TextFile, columns: readonly string[]): AsyncGenerator<ManifestRow> {
  for await (const { value, line, place } of objectsOf(file)) {
    const cells = columns.map((name) => cellOf(Object.hasOwn(value, name) ? value[name] : null, { file, line }));
    yield { cells, line, place };
  }
}

/** The text under a name in the one line that a piece of a file holds; null where there is none. */
export function jsonlCell(bytes: Uint8Array, name: string): string | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    const cell = isObject(value) && Object.hasOwn(value, name) ? value[name] : null;
    return typeof cell === 'string' ? cell : null;
  } catch {
    return null;
  }
}

interface Place {
  readonly file: ManifestFile;
  readonly line: number;
}

interface ObjectLine {
  readonly value: Readonly<Record<string, unknown>>;
  readonly line: number;
  readonly place: { readonly offset: number; readonly length: number };
}

async function* objectsOf(file: TextFile): AsyncGenerator<ObjectLine> {
  for await (const { bytes, first, offset } of wholeLines(file)) {
    let line = first;
    for (let from = 0; from < bytes.length; line += 1) {
      const newline = bytes.indexOf(NEWLINE, from);
      const to = newline < 0 ? bytes.length : newline + 1;
      const text = bytes.toString('utf8', from, to);
      const place = { offset: offset + from, length: to - from };
      from = to;
      if (text.trim() !== '') yield { value: objectIn(text, { file, line }), line, place };
    }
  }
}
const NEWLINE = 0x0a;

function objectIn(text: string, { file, line }: Place): Readonly<Record<string, unknown>> {
  const fix = /^\s*\[/.test(text)
    ? `One list of all is written as one object a line by jq -c '.[]' ${file.given}`
    : 'A .jsonl file has one object a line, such as {"id": "1", "image": "a.jpg"}.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ManifestError(file, { line, problem: 'Expected a JSON object, got what is no JSON.', fix, cause });
  }
  if (isObject(value)) return value;
  const got = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
  throw new ManifestError(file, { line, problem: `Expected a JSON object, got ${got}.`, fix });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cellOf(value: unknown, { file, line }: Place): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_, inner: unknown) => {
    const isExact = typeof inner !== 'number' || Number.isSafeInteger(inner);
    if (isExact || (Number.isFinite(inner) && !Number.isInteger(inner))) return inner;
    const problem = `A number near ${inner} is too large to be read exactly.`;
    throw new ManifestError(file, { line, problem, fix: 'Write it as text, in double quotes.' });
  });
}
