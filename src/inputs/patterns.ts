import picomatch from 'picomatch';
import { IMAGE_EXTENSIONS } from '../core/sniff.js';
import { type BytePath, shown } from './byte-path.js';

/** Decides about a path that is relative to some folder. */
export type Matches = (path: BytePath) => boolean;

/** Which paths below a root belong to a run: `--include` and `--exclude`. */
export interface Filter {
  /** Whether a folder is entered: no exclude names it. */
  enters(folder: BytePath): boolean;
  /** Whether a file in an entered folder is wanted. */
  wants(file: BytePath): boolean;
}

/**
 * Globs, any case, of which one must match; a name with a leading dot only where a glob writes the dot. Names that are
 * not UTF-8 are matched with their stray bytes replaced.
 */
export function matcher(globs: readonly string[]): Matches {
  const isMatch = picomatch([...globs], { nocase: true });
  return (path) => isMatch(shown(path));
}

/** A filter of globs relative to a root, hidden names included. A glob without `/` means a name at any depth. */
export function filterOf(options: {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}): Filter {
  const included = options.include.length === 0 ? () => true : anywhere(options.include);
  const excluded = options.exclude.length === 0 ? () => false : anywhere(options.exclude);
  return { enters: (folder) => !excluded(folder), wants: (file) => included(file) && !excluded(file) };
}

function anywhere(globs: readonly string[]): Matches {
  const patterns = globs.map((glob) => (glob.includes('/') ? glob.replace(/^\.?\//, '') : `**/${glob}`));
  const isMatch = picomatch(patterns, { nocase: true, dot: true });
  return (path) => isMatch(shown(path));
}

/** Extension in lower case without the dot; `''` where there is none. */
export function extensionOf(name: BytePath): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : shown(name.slice(dot + 1)).toLowerCase();
}

/** Whether a file in a folder is an item by its name. */
export function isImageName(name: BytePath): boolean {
  return IMAGE_EXTENSIONS.has(extensionOf(name));
}

/** Hidden files and folders belong to no run; a run's own `.visionbatch` folder is one. */
export function isHidden(name: BytePath): boolean {
  return name.startsWith('.');
}
