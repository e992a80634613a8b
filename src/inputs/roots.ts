import path from 'node:path';
import type { Root } from '../core/item.js';
import { keyOfPath, pathOfKey } from '../core/keys.js';
import { type BytePath, bytePathOf, bytesOf, isWithin, textOf } from './byte-path.js';

/** The run's root first, then a root for every input that lies outside of it. */
export type RunRoots = readonly [Root, ...Root[]];

/** Where a path stands in a run. */
export interface Place {
  /** The path relative to the run's root, as a key; `''` for the root itself. */
  readonly key: string;
  readonly root: string;
  /** Relative to that root. */
  readonly path: BytePath;
}

/** The key and source of an absolute path: the first root that holds it names it. */
export function placeOf(absolute: BytePath, roots: RunRoots): Place {
  const [run] = roots;
  const covering = roots.find((root) => isWithin(bytePathOf(root.path), absolute)) ?? run;
  return {
    key: keyOfPath(bytesOf(path.posix.relative(bytePathOf(run.path), absolute))),
    root: covering.name,
    path: path.posix.relative(bytePathOf(covering.path), absolute),
  };
}

/** The source that a key names, as {@link placeOf} placed it; null where its path is not UTF-8. */
export function sourceOfKey(key: string, roots: RunRoots): { readonly root: string; readonly path: string } | null {
  const relative = pathOfKey(key);
  if (relative === null) return null;
  const place = placeOf(bytePathOf(path.posix.resolve(roots[0].path, relative)), roots);
  const text = textOf(place.path);
  return text === null ? null : { root: place.root, path: text };
}
