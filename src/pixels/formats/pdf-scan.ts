import { Buffer } from 'node:buffer';
import { constants, inflateSync } from 'node:zlib';

/** What is read of a PDF without its tables: they are what is wrong in it. Objects that lie packed are not seen. */

/** No object's dictionary is longer where it matters here. */
const MOST_DICTIONARY_BYTES = 4096;
/** No drawing of a page is longer unpacked; longer ones count as sound. */
const MOST_UNPACKED_BYTES = 256 * 1024 * 1024;

/**
 * The same PDF, its page tree without the counts it claims: PDFium then counts the pages that hang on it. Null where no
 * count stands in the open.
 */
export function withoutCounts(file: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(file);
  let isChanged = false;
  for (const at of placesOf(bytes, '/Count')) {
    const [digits = ''] = /(?<=^\/Count\s*)\d+/.exec(bytes.toString('latin1', at, at + 32)) ?? [];
    if (digits === '' || !objectAround(bytes, at).includes('/Kids')) continue;
    const from = bytes.indexOf(digits, at);
    bytes.fill('0', from, from + digits.length);
    isChanged = true;
  }
  return isChanged ? bytes : null;
}

/** How many pages there seem to be: those that lie in the file, or all that hang on one node of its page tree. */
export function pagesInFile(file: Uint8Array): number {
  const bytes = view(file);
  const pages = new Set<string>();
  for (const at of placesOf(bytes, '/Type')) {
    if (!/^\/Type\s*\/Page(?![A-Za-z])/.test(bytes.toString('latin1', at, at + 32))) continue;
    pages.add(numberBefore(bytes, bytes.lastIndexOf('obj', at)) ?? `at ${at}`);
  }
  let most = pages.size;
  for (const at of placesOf(bytes, '/Kids')) {
    const end = bytes.indexOf(']', at);
    const kids = bytes.toString('latin1', at, end < 0 ? at : end).match(/\d+\s+\d+\s+R\b/g) ?? [];
    most = Math.max(most, kids.length);
  }
  return most;
}

/** Whether a drawing in the file cannot be unpacked, or a page wants a drawing or an image that is not in the file. */
export function hasLostParts(file: Uint8Array): boolean {
  const bytes = view(file);
  const objects = objectsIn(bytes);
  const texts = [bytes];
  const isLocked = bytes.includes('/Encrypt');
  let hasUnseen = isLocked && bytes.includes('/ObjStm');
  for (const { dictionary, start } of isLocked ? [] : streamsIn(bytes)) {
    const unpacked = isDrawing(dictionary) ? unpackedAt(bytes, start) : null;
    if (unpacked === 'damaged') return true;
    if (!dictionary.includes('/ObjStm')) continue;
    hasUnseen ||= unpacked === null;
    if (unpacked !== null) texts.push(unpacked);
    for (const number of numbersIn(unpacked, dictionary)) objects.add(number);
  }
  // Anything may be among the objects that lie packed and are not seen.
  return !hasUnseen && texts.some((text) => lacksObject(text, objects));
}

/** The streams of a file that is not locked: what is said of each, and where it begins. */
function* streamsIn(bytes: Buffer): Generator<{ readonly dictionary: string; readonly start: number }> {
  for (const at of placesOf(bytes, 'stream')) {
    const [begin] = /^stream\r?\n/.exec(bytes.toString('latin1', at, at + 8)) ?? [];
    if (begin !== undefined) yield { dictionary: dictionaryBefore(bytes, at), start: at + begin.length };
  }
}

/** Whether a stream with this dictionary is neither an image nor a font: a drawing, packed objects, or something as small. */
function isDrawing(dictionary: string): boolean {
  if (!/\/Filter\s*\[?\s*\/(?:FlateDecode|Fl)\b/.test(dictionary)) return false;
  return !/\/(?:Subtype\s*\/Image|Length1|DecodeParms)\b/.test(dictionary);
}

/** The numbers of the objects in an object stream: each stands before its place (PDF 32000-1, 7.5.7). */
function numbersIn(stream: Buffer | null, dictionary: string): readonly string[] {
  if (stream === null) return [];
  const first = Number(/\/First\s+(\d+)/.exec(dictionary)?.[1] ?? 0);
  return [...stream.toString('latin1', 0, first).matchAll(/(\d+)\s+\d+/g)].map(([, number = '']) => number);
}

/** Whether page dictionaries in a text name drawings or images that are not in the file. */
function lacksObject(text: Buffer, objects: ReadonlySet<string>): boolean {
  for (const key of ['/Contents', '/XObject']) {
    for (const at of placesOf(text, key)) {
      const [value = ''] =
        /(?<=^\/[A-Z][A-Za-z]+\s*)(?:\[[^\]]*\]|<<[^>]*>>|\d+\s+\d+\s+R)/.exec(
          text.toString('latin1', at, at + MOST_DICTIONARY_BYTES),
        ) ?? [];
      for (const [, number = ''] of value.matchAll(/(\d+)\s+\d+\s+R\b/g)) if (!objects.has(number)) return true;
    }
  }
  return false;
}

/** The numbers of all objects that are not packed: drawings and images never are, lists of them may be. */
function objectsIn(bytes: Buffer): Set<string> {
  const numbers = [...placesOf(bytes, 'obj')].map((at) => numberBefore(bytes, at));
  return new Set(numbers.filter((number) => number !== null));
}

/** Of the object whose `obj` stands at a place. */
function numberBefore(bytes: Buffer, at: number): string | null {
  return /(\d+)\s+\d+\s+$/.exec(bytes.toString('latin1', Math.max(0, at - 24), at))?.[1] ?? null;
}

/** What stands packed at a place; null where that is too much. */
function unpackedAt(bytes: Buffer, at: number): Buffer | 'damaged' | null {
  try {
    // What follows a stream's end is not looked at, and an end that is missing is no damage.
    return inflateSync(bytes.subarray(at), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MOST_UNPACKED_BYTES,
    });
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'Z_DATA_ERROR' ? 'damaged' : null;
  }
}

function dictionaryBefore(bytes: Buffer, at: number): string {
  const text = bytes.toString('latin1', Math.max(0, at - MOST_DICTIONARY_BYTES), at);
  return />>\s*$/.test(text) ? text.slice(text.lastIndexOf(' obj') + 1) : '';
}

function objectAround(bytes: Buffer, at: number): Buffer {
  const end = bytes.indexOf('endobj', at);
  return bytes.subarray(Math.max(0, bytes.lastIndexOf(' obj', at)), end < 0 ? bytes.length : end);
}

function* placesOf(bytes: Buffer, word: string): Generator<number> {
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + word.length)) yield at;
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
