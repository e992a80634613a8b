import { type FailureCode, isFileClaim } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { FoundItem } from '../../core/item.js';
import { KeySet } from '../../core/key-set.js';
import type { Found } from '../../inputs/found.js';
import type { Discovery } from '../../results/discovery.js';
import { keyHash, type StoredOutcome } from '../../results/layout.js';

export interface ShrinkageOptions {
  /** The inputs, as the run remembers them. */
  readonly inputs: readonly string[];
  /** Readable items that each input held at the last start. */
  readonly before: Readonly<Record<string, number>>;
  readonly outcome: (key: string) => StoredOutcome | undefined;
}

/** An item as it is found. */
export type FoundOne = Extract<Found, { readonly kind: 'item' }>;

/** Below this many, vanished items are a person's tidying, not an unmounted disk. */
const LEAST_GONE = 20;
const MOST_GONE_SHARE = 0.05;
const FIX = 'Is everything mounted? If they are meant to be gone: --allow-shrink.';

/**
 * Sees what a discovery finds, and refuses one that no longer finds what the last one did: an unmounted disk must not
 * empty yesterday's file. A file or an archive that is there but damaged, changed, or without the wanted pages is none.
 */
export class Shrinkage {
  readonly #options: ShrinkageOptions;
  readonly #found = new Map<string, number>();
  /** Inputs that are there, whatever can be read of them. */
  readonly #there = new Set<string>();
  /** Files that were opened to count their pages, and archives that were looked into in vain. */
  readonly #opened = new KeySet();
  #lost = 0;

  constructor(options: ShrinkageOptions) {
    this.#options = options;
  }

  /** Readable items that each input holds. */
  get found(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#found);
  }

  /** Sees an item. One of another shard shows no more than that its input is there. */
  see({ input, isElsewhere, item }: FoundOne): void {
    const name = this.#options.inputs[input] ?? '';
    if (isElsewhere === true) {
      if (item.problem === undefined) this.#there.add(name);
      return;
    }
    const isThere = item.problem === undefined || !isAway(item.problem.code);
    if (item.problem === undefined) this.#found.set(name, (this.#found.get(name) ?? 0) + 1);
    else if (this.#isLost(item)) this.#lost += 1;
    if (!isThere) return;
    this.#there.add(name);
    if (item.pages !== undefined || item.page === 0) this.#opened.add(keyHash(sourceKeyOf(item)));
  }

  /** Sees a file that has none of the wanted pages. */
  seeNone({ input, item }: FoundOne): void {
    this.#there.add(this.#options.inputs[input] ?? '');
    this.#opened.add(keyHash(item.key));
  }

  /** Throws ExitError 2 where too much is gone. */
  async refuse(discovery: Pick<Discovery, 'shrinkage'>): Promise<void> {
    const { before, inputs } = this.#options;
    const empty = inputs.find((name) => (before[name] ?? 0) > 0 && !this.#there.has(name));
    if (empty !== undefined) {
      const message = `${empty} held ${before[empty]} items at the last start and holds none now.`;
      throw new ExitError(EXIT.usage, message, { fix: FIX });
    }
    const { done, gone } = await discovery.shrinkage((item) => this.#isOpened(item));
    const away = gone + this.#lost;
    if (away >= LEAST_GONE && away > done * MOST_GONE_SHARE) {
      const which = this.#lost === 0 ? 'gone from the inputs' : `gone, of ${this.#lost} the file only`;
      throw new ExitError(EXIT.usage, `${away} of ${done} items that are done are ${which}.`, { fix: FIX });
    }
  }

  /** Whether an item that has an answer is still named, as by a manifest, but its file is gone. */
  #isLost({ key, problem }: FoundItem): boolean {
    if (problem === undefined || !isFileClaim(problem.code)) return false;
    const outcome = this.#options.outcome(key);
    return outcome !== undefined && outcome.code === null;
  }

  /** Whether the file of a page that is gone was opened, or the archive of a member. */
  #isOpened(item: FoundItem): boolean {
    const key = sourceKeyOf(item);
    return this.#opened.has(keyHash(key)) || this.#opened.has(keyHash(archiveKeyOf(key, item)));
  }
}

const AWAY: ReadonlySet<FailureCode> = new Set(['IMAGE_MISSING', 'IMAGE_FORBIDDEN', 'FOLDER_UNREADABLE', 'URL_FETCH']);

/** Whether nobody could look at what has failed: it may be as it was. */
function isAway(code: FailureCode): boolean {
  return AWAY.has(code);
}

/** The key without its page. */
function sourceKeyOf({ key }: FoundItem): string {
  const at = key.lastIndexOf('#');
  return at < 0 ? key : key.slice(0, at);
}

/** The key of the archive that a member is in; that of any other item is its own. */
function archiveKeyOf(key: string, { sources: [source] }: FoundItem): string {
  if (source === undefined || 'bytes' in source.ref || source.ref.part === undefined) return key;
  const inside = source.ref.part.member.split('/').length;
  return key.split('/').slice(0, -inside).join('/');
}
