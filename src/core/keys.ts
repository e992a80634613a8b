import { Buffer, isUtf8 } from 'node:buffer';

/**
 * The key of a path: its bytes as UTF-8, where `%`, `#` (which opens a page number) and bytes that are not UTF-8 stand
 * as `%XX`. The inverse is {@link pathOfKey}.
 *
 * @param path - relative to the run's root, with `/`
 */
export function keyOfPath(path: Uint8Array | string): string {
  const bytes =
    typeof path === 'string' ? Buffer.from(path, 'utf8') : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  const text = isUtf8(bytes) ? bytes.toString('utf8') : escapeInvalid(bytes);
  return isUtf8(bytes) ? text.replace(/[%#]/g, percent) : text;
}

/** The path that a key was made from, without its page; null where the path's bytes are not UTF-8. */
export function pathOfKey(key: string): string | null {
  const hash = key.lastIndexOf('#');
  const escaped = hash < 0 ? key : key.slice(0, hash);
  if (!escaped.includes('%')) return escaped;
  const bytes = Buffer.concat(
    escaped
      .split(/(%[0-9A-F]{2})/)
      .map((part) => (/^%[0-9A-F]{2}$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part, 'utf8'))),
  );
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** `b.pdf` and page 3 → `b.pdf#3`. */
export function pageKey(sourceKey: string, page: number): string {
  return `${sourceKey}#${page}`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Keeps every well-formed character and turns each stray byte into `%XX`. */
function escapeInvalid(bytes: Buffer): string {
  let out = '';
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === 0) {
      out += `%${bytes.toString('hex', at, at + 1).toUpperCase()}`;
      at += 1;
    } else {
      out += bytes.toString('utf8', at, at + length).replace(/[%#]/g, percent);
      at += length;
    }
  }
  return out;
}

/** Bytes of the well-formed UTF-8 character at `at`, or 0 where there is none. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
