import { closest } from '../../config/closest.js';
import type { Settings } from '../../config/schema.js';
import { EXIT, type ExitCode, ExitError } from '../core/exit.js';
import type { StoreReader } from '../results/store-reader.js';
import type { Io } from './io.js';
import { itemLines } from './item-lines.js';
import { openReader } from './reading.js';
import { withResources } from './resources.js';
import { visible } from './visible.js';

/** Keys that are named in the place of an unknown one. */
const MOST_NAMED = 5;
/** Letters within which a mistyped key differs from the one that was meant. */
const LONGEST_PLACE = 4;

/** An item of a run, as the command line names them. */
export interface ItemOfRun {
  /** The run's output, its folder, or its id. */
  readonly run: string;
  /** The item's key: the `id` of its row. */
  readonly item: string;
}

/** Prints an item's record and every try at it. With --json one object. */
export function showItem({ run, item }: ItemOfRun, settings: Settings, io: Io): Promise<ExitCode> {
  return withResources(async (resources) => {
    const reader = await openReader(run, settings, io);
    resources.defer(() => reader.close());
    const record = reader.record(item);
    if (record === undefined) throw withoutRow(item, reader);
    const attempts = reader.attempts(item);
    const text = settings.json
      ? JSON.stringify({ schema_version: 1, record, attempts })
      : itemLines(record, attempts).join('\n');
    io.stdout.write(`${visible(text)}\n`);
    return EXIT.ok;
  });
}

function withoutRow(item: string, reader: StoreReader): ExitError {
  const alike: string[] = [];
  // Counting edits is slow over a million keys, so only over those that differ in one short place.
  const near: string[] = [];
  for (const { item: found } of reader.items()) {
    const { key } = found;
    if (key === item)
      return new ExitError(EXIT.usage, `Expected an item with a row, got ${visible(item)}, which has none yet`);
    if (alike.length < MOST_NAMED && isAlike(key, item)) alike.push(key);
    if (placeOfDifference(key, item) <= LONGEST_PLACE) near.push(key);
  }
  const best = closest(item, near);
  const named = [...new Set([...(best === undefined ? [] : [best]), ...alike])].slice(0, MOST_NAMED);
  const fix = named.length === 0 ? 'An item is named by the id of its row.' : `Did you mean ${named.join(', ')}?`;
  return new ExitError(EXIT.usage, `Expected ITEM to name an item of the run, got ${visible(item)}`, {
    fix: visible(fix),
  });
}

/** Another path to a file of that name, or a page of it. */
function isAlike(key: string, item: string): boolean {
  return nameOf(key) === nameOf(item) || key.startsWith(`${item}#`);
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1).toLowerCase();
}

/** Length of what is left of the longer one without the letters that both begin and end with. */
function placeOfDifference(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return Math.max(a.length, b.length) - start - end;
}
