import { Buffer } from 'node:buffer';
import { exactObject, isJsonObject, type JsonObject, wordsOf } from '../exact-json.js';
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
 * as JSON, numbers as they stand there.
 *
 * @throws ExitError 2 with the line, where it holds no JSON object
 */
export async function* jsonlRows(file: TextFile, columns: readonly string[]): AsyncGenerator<ManifestRow> {
  for await (const { value, line, place } of objectsOf(file)) {
    const cells = columns.map((name) => wordsOf(Object.hasOwn(value, name) ? value[name] : null));
    yield { cells, line, place };
  }
}

/** The text under a name in the one line that a piece of a file holds; null where there is none. */
export function jsonlCell(bytes: Uint8Array, name: string): string | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    const cell = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : null;
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
  readonly value: JsonObject;
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

function objectIn(text: string, { file, line }: Place): JsonObject {
  const fix = /^\s*\[/.test(text)
    ? `One list of all is written as one object a line by jq -c '.[]' ${file.given}`
    : 'A .jsonl file has one object a line, such as {"id": "1", "image": "a.jpg"}.';
  let value: JsonObject | null;
  try {
    value = exactObject(text);
  } catch (cause) {
    throw new ManifestError(file, { line, problem: 'Expected a JSON object, got what is no JSON.', fix, cause });
  }
  if (value !== null) return value;
  const other: unknown = JSON.parse(text);
  const got = Array.isArray(other) ? 'a list' : other === null ? 'null' : `a ${typeof other}`;
  throw new ManifestError(file, { line, problem: `Expected a JSON object, got ${got}.`, fix });
}
