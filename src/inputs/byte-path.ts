import { Buffer, isUtf8 } from 'node:buffer';

/**
 * A path or name exactly as the file system holds it: one character (U+0000…U+00FF) per byte. Names that are not UTF-8
 * survive it, and comparing two of them with `<` compares their bytes.
 */
export type BytePath = string;

/** A path in ordinary text → its bytes. */
export function bytePathOf(path: string): BytePath {
  return Buffer.from(path, 'utf8').toString('latin1');
}

/** The bytes, as `node:fs` takes them. */
export function bytesOf(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** The path in ordinary text; null where its bytes are not UTF-8. */
export function textOf(path: BytePath): string | null {
  const bytes = bytesOf(path);
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** The path for a message to a person, stray bytes replaced. */
export function shown(path: BytePath): string {
  return bytesOf(path).toString('utf8');
}

/** `a` and `b` → `a/b`; an empty side stands for nothing. */
export function joined(folder: BytePath, name: BytePath): BytePath {
  if (folder === '' || name === '') return folder + name;
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/** Whether the path is the folder or lies below it. Both absolute, without `.` and `..`. */
export function isWithin(folder: BytePath, path: BytePath): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Compares by bytes, for sorting. */
export function compareBytes(a: BytePath, b: BytePath): number {
  return a < b ? -1 : Number(a > b);
}
