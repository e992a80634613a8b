import path from 'node:path';
import { EXIT, ExitError } from '../../core/exit.js';
import type { FoundItem } from '../../core/item.js';
import { keyOfPath } from '../../core/keys.js';
import { bytePathOf } from '../byte-path.js';
import { foldersOf } from '../input-folders.js';
import type { ResolvedInput } from '../resolve.js';
import { placeOf, type RunRoots } from '../roots.js';

/**
 * Which images are looked at together.
 * - `inputs`: all of them.
 * - `folder`: those of one folder.
 * - `stem`: those of one path below their inputs, extensions aside.
 * - `manifest`: those of one row, and of rows with one id.
 */
export type Grouping = 'inputs' | 'folder' | 'stem' | 'manifest';

/**
 * How the inputs are grouped where nobody says so: files that are named as one group, a manifest as it says, else by
 * folder.
 *
 * @throws ExitError 2 where only some inputs are manifests, or manifests are to be grouped by where images lie
 */
export function groupingOf(inputs: readonly ResolvedInput[], by: Grouping | null): Grouping {
  const manifest = inputs.find(({ kind }) => kind === 'manifest');
  const other = inputs.find(({ kind }) => kind !== 'manifest');
  const usual = other === undefined ? 'manifest' : inputs.every(({ kind }) => kind === 'file') ? 'inputs' : 'folder';
  if (manifest !== undefined && other !== undefined) {
    const fix = 'Compare them in runs of their own.';
    const message = `Expected every input to be a manifest as \`${manifest.given}\` is, got \`${other.given}\`.`;
    throw new ExitError(EXIT.usage, message, { fix });
  }
  if (by !== null && (by === 'manifest') !== (manifest !== undefined)) {
    const is = manifest === undefined ? 'no input is a manifest' : `\`${manifest.given}\` is one`;
    const fix = 'A manifest (.csv, .tsv, .jsonl) says itself which images belong together; other inputs do not.';
    const message = `Expected --group-by manifest for manifests and for them only, got \`${by}\` where ${is}.`;
    throw new ExitError(EXIT.usage, message, { fix });
  }
  return by ?? usual;
}

/** Tells the key of the group that an image belongs to; `''` for the group of all inputs. */
export function groupKeys(
  by: Grouping,
  inputs: readonly ResolvedInput[],
  roots: RunRoots,
): (image: { readonly input: number; readonly item: FoundItem }) => string {
  if (by === 'inputs') return () => '';
  if (by === 'manifest') return ({ item }) => item.key;
  if (by === 'folder') return ({ item }) => folderOf(item);
  const above = inputs.map((input) => {
    if (input.kind === 'url-archive') return [keyOfPath(input.given)];
    const folders = input.kind === 'archive' ? [input.path] : foldersOf(input);
    return folders.map((folder) => placeOf(bytePathOf(folder), roots).key);
  });
  return ({ input, item }) => stemOf(item, above[input] ?? []);
}

/** A folder that could not be listed (page 0) is itself what failed. */
function folderOf({ key, page }: FoundItem): string {
  return page === 0 ? key : path.posix.dirname(key);
}

function stemOf({ key, page }: FoundItem, folders: readonly string[]): string {
  if (page === 0) return key;
  const folder = folders.find((start) => key.startsWith(`${start}/`));
  const { dir, name } = path.posix.parse(folder === undefined ? key : key.slice(folder.length + 1));
  return path.posix.join(dir, name);
}
