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
  const alike = new Set<string>();
  for (const key of keysOf(reader)) {
    if (key === item)
      return new ExitError(EXIT.usage, `Expected an item with a row, got ${visible(item)}, which has none yet`);
    if (alike.size < MOST_NAMED && isAlike(key, item)) alike.add(key);
  }
  const near = closest(item, keysOfLength(item.length, reader));
  const named = [...(near === undefined ? [] : [near]), ...alike].slice(0, MOST_NAMED);
  const fix =
    named.length === 0 ? 'An item is named by the id of its row.' : `Did you mean ${[...new Set(named)].join(', ')}?`;
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

function* keysOf(reader: StoreReader): Generator<string> {
  for (const { item } of reader.items()) yield item.key;
}

/** Comparing letter by letter is slow over a million keys, and keys of another length are never near. */
function* keysOfLength(length: number, reader: StoreReader): Generator<string> {
  for (const key of keysOf(reader)) if (Math.abs(key.length - length) <= 2) yield key;
}
