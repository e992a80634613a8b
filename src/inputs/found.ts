import type { Failure } from '../core/errors.js';
import type { FoundItem } from '../core/item.js';
import { keyOfPath } from '../core/keys.js';
import { type BytePath, bytesOf, joined, shown, textOf } from './byte-path.js';
import type { Look } from './folders/listing.js';
import { extensionOf } from './patterns.js';
import type { Place } from './roots.js';
import type { Manifest } from './tables/manifest.js';

/** What discovery tells, in the order in which it meets it. `input` counts the inputs as given, from 0. */
export type Found =
  /** The next folder begins: what follows, up to the next one, lies in it. */
  | { readonly kind: 'folder'; readonly input: number }
  /** One item, in the file system's order; its name's bytes sort it within its folder. */
  | {
      readonly kind: 'item';
      readonly input: number;
      readonly name: Uint8Array;
      readonly item: FoundItem;
      /** The row that makes it an item of its own. */
      readonly row?: FoundRow;
      /** Whether a program lists it, under a key that it chose. */
      readonly isListed?: boolean;
      /** Whether another shard has it: it is no item of this run, but its key is taken. */
      readonly isElsewhere?: boolean;
    }
  /** A file that is no image by its extension (lower case, `''` for none): counted, never a row. */
  | { readonly kind: 'other'; readonly extension: string };

/** Where an item stands in a manifest. */
export interface FoundRow {
  readonly manifest: Manifest;
  /** From 1. */
  readonly line: number;
}

/** A file of this name in the folder at `place`. */
export function foundFile(input: number, place: Place, file: { readonly name: BytePath; readonly look: Look }): Found {
  const { name, look } = file;
  const { size, mtimeMs } = look;
  const problem = look.problem === undefined ? {} : { problem: look.problem };
  const path = textOf(joined(place.path, name));
  const key = joined(place.key, keyOfPath(bytesOf(name)));
  const item: FoundItem =
    path === null
      ? { key, sources: [], page: 1, problem: nameNotUtf8(name) }
      : { key, sources: [{ ref: { root: place.root, path }, size, mtimeMs }], page: 1, ...problem };
  return { kind: 'item', input, name: bytesOf(name), item };
}

/** A file that is not an image. */
export function foundOther(name: BytePath): Found {
  return { kind: 'other', extension: extensionOf(name) };
}

/** A folder whose items stay unknown is one item itself: `page` 0, named `.` in its own folder. */
export function foundUnreadable(input: number, place: Place, error: unknown): Found {
  const problem: Failure = { code: 'FOLDER_UNREADABLE', message: whyUnreadable(error) };
  const path = textOf(place.path);
  const ref = { root: place.root, path: path === '' ? '.' : (path ?? '') };
  const sources = path === null ? [] : [{ ref, size: null, mtimeMs: null }];
  const key = place.key === '' ? '.' : place.key;
  return {
    kind: 'item',
    input,
    name: bytesOf('.'),
    item: { key, sources, page: 0, problem },
  };
}

/** A link to a folder that is not followed, because it leads out of everything the run may read. */
export function foundLinkOut(input: number, place: Place, link: { name: BytePath; target: BytePath }): Found {
  const problem: Failure = {
    code: 'IMAGE_FORBIDDEN',
    message: `This link leads to ${shown(link.target)}, outside of the run's folders. Give that folder as a further input.`,
  };
  return foundFile(input, place, { name: link.name, look: { size: null, mtimeMs: null, problem } });
}

/** NAME_NOT_UTF8 for a name that cannot be written as text. */
export function nameNotUtf8(name: BytePath): Failure {
  return {
    code: 'NAME_NOT_UTF8',
    message: `The path is not valid UTF-8 (the name reads ${JSON.stringify(shown(name))}). Rename it, for example with convmv.`,
  };
}

function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EPERM') {
    return 'The folder may not be listed, so its images are unknown. Give this user the right to read and enter it.';
  }
  if (code === 'ENOENT') return 'The folder vanished while the run looked for images.';
  return `The folder cannot be listed, so its images are unknown: ${code ?? String(error)}.`;
}
