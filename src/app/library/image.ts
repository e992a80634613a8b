import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesOfBase64, bytesOfDataUrl, looksLikeBase64 } from '../../inputs/tables/data-url.js';
import { usageError } from './errors.js';

/**
 * An image, or a source of one:
 * - a path, relative to the working directory, or a `file:` URL;
 * - an `http:` or `https:` URL, as text or as a `URL`;
 * - a data URL;
 * - base64, of 64 characters or more (shorter text is a path);
 * - the bytes of a file, as a `Buffer` or any other `Uint8Array`.
 *
 * JPEG, PNG, WebP, GIF, TIFF, AVIF and SVG are read, and told by their content, never by their name.
 */
export type Image = string | URL | Uint8Array;

/** Where an image's bytes come from. */
export type ImageOrigin =
  /** An absolute path. */
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }
  /** Bytes that the program has. `read` throws VisionError IMAGE_UNREADABLE where text is no base64. */
  | { readonly kind: 'bytes'; readonly read: () => Uint8Array };

/**
 * Tells what an image is.
 *
 * @param where - the option that it stands in, for the error
 * @param cwd - absolute folder that paths are relative to
 * @throws VisionBatchError 2 for what is no image in any form
 */
export function originOf(image: Image, where: string, cwd: string): ImageOrigin {
  if (image instanceof Uint8Array) return { kind: 'bytes', read: () => image };
  if (image instanceof URL) return urlOrigin(image.href, where, cwd);
  if (typeof image !== 'string' || image.trim() === '') {
    const got = image === null ? 'null' : typeof image === 'string' ? 'an empty one' : typeof image;
    throw usageError(`Expected \`${where}\` to be a path, a URL, base64 or bytes, got ${got}`);
  }
  return urlOrigin(image, where, cwd);
}

function urlOrigin(text: string, where: string, cwd: string): ImageOrigin {
  if (/^data:/i.test(text)) return { kind: 'bytes', read: () => bytesOfDataUrl(text) };
  if (/^file:\/\//i.test(text)) return { kind: 'path', path: localPath(text, where) };
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return { kind: 'url', url: text };
  if (looksLikeBase64(text)) return { kind: 'bytes', read: () => bytesOfBase64(text) };
  if (text.includes('\0')) throw usageError(`Expected \`${where}\` to be a path without zero bytes`);
  return { kind: 'path', path: path.resolve(cwd, text) };
}

function localPath(url: string, where: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw usageError(`Expected \`${where}\` to be a file: URL of this machine, got ${JSON.stringify(url)}`);
  }
}
