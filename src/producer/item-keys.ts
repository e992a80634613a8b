import { EXIT, ExitError } from '../core/exit.js';
import type { FoundItem } from '../core/item.js';
import { KeySet } from '../core/key-set.js';
import { sourceName } from '../core/outcome-record.js';
import type { Found } from '../inputs/found.js';
import { repeatedRow } from '../inputs/tables/manifest-items.js';
import { keyHash } from '../results/layout.js';

export interface ItemKeysOptions {
  /** What becomes of another image under a key that is taken: it stops the run, or it is called `KEY~2`, `KEY~3`, … */
  readonly onRepeat: 'error' | 'number';
  /** Whether there are several inputs: then a row and a file may be one item. */
  readonly isMixed: boolean;
}

type FoundOne = Extract<Found, { readonly kind: 'item' }>;

/**
 * Gives every item a key of its own. Only keys that somebody chose can be those of other items: a row's, and a listed
 * item's. They come before all files (`readingOrder`), and are what is held here, eight bytes each, sixteen where there
 * are several inputs; where items are numbered also the keys that were repeated.
 */
export class ItemKeys {
  readonly #options: ItemKeysOptions;
  readonly #met = new KeySet();
  /** Of keys that were repeated, the number that the next one is tried under. */
  readonly #next = new Map<string, number>();
  /** Whose items come now, and its number among those of its key; null where an earlier item stands for it. */
  #last: { readonly key: string; readonly origin: string; readonly number: number | null } | null = null;

  constructor(options: ItemKeysOptions) {
    this.#options = options;
  }

  /**
   * The item under a key of its own; null for a file that a row or a listed item has named. Pages of one source come one
   * after another, and have one number.
   *
   * @throws ExitError 2 where the key is that of another image, unless they are numbered
   */
  own(found: FoundOne): FoundItem | null {
    if (found.row === undefined && found.isListed !== true && this.#met.size === 0) return found.item;
    const { item, row } = found;
    const [key, page] = parted(item.key);
    const origin = row === undefined ? sourcesOf(item) : `${row.manifest.path}:${row.line}`;
    if (this.#last?.key !== key || this.#last.origin !== origin) {
      this.#last = { key, origin, number: this.#numberOf(key, found) };
    }
    const { number } = this.#last;
    if (number === null) return null;
    return number === 1 ? item : { ...item, key: `${key}~${number}${page}` };
  }

  #numberOf(key: string, { isListed = false, item, row }: FoundOne): number | null {
    const { isMixed, onRepeat } = this.#options;
    const isChosen = row !== undefined || isListed;
    const withSources = (): Buffer => keyHash(`${key}\0${sourcesOf(item)}`);
    if (isChosen ? this.#met.add(keyHash(key)) : !this.#met.has(keyHash(key))) {
      if (isChosen && isMixed) this.#met.add(withSources());
      return 1;
    }
    if (row === undefined && this.#met.has(withSources())) return null;
    if (onRepeat === 'error') throw row === undefined ? takenKey(key, item) : repeatedRow(key, row);
    let number = this.#next.get(key) ?? 2;
    while (!this.#met.add(keyHash(`${key}~${number}`))) number += 1;
    this.#next.set(key, number + 1);
    return number;
  }
}

function sourcesOf({ sources }: FoundItem): string {
  return JSON.stringify(sources.map(({ ref }) => ref));
}

/** `a#3` → `a` and `#3`: no other `#` stands in a key. */
function parted(key: string): readonly [key: string, page: string] {
  const at = key.lastIndexOf('#');
  return at < 0 ? [key, ''] : [key.slice(0, at), key.slice(at)];
}

function takenKey(key: string, { sources: [source] }: FoundItem): ExitError {
  const name = source === undefined ? key : sourceName(source.ref);
  const fix =
    'Name other columns with --id-column COLUMN, leave the file out with --exclude, or number such items with --on-repeat number.';
  return new ExitError(
    EXIT.usage,
    `Expected ${JSON.stringify(key)} to name one image, got a row or item that is called so, and ${name}.`,
    { fix },
  );
}
