import { describe, expect, it } from 'vitest';
import type { FoundItem } from '../../../src/core/item.js';
import { type AgainPolicy, standing } from '../../../src/producer/standing.js';
import type { StoredOutcome } from '../../../src/results/layout.js';

const source = { ref: { root: 'r', path: 'a.png' }, size: 10, mtimeMs: 1000 };
const item: FoundItem = { key: 'a.png', sources: [source], page: 1 };
const ok: StoredOutcome = {
  status: 'ok',
  code: null,
  fingerprint: 'f',
  digest: 'd',
  sourceBytes: 10,
  sourceMtime: '1970-01-01T00:00:01.000Z',
  start: 1,
  duplicateOf: null,
};
const policy: AgainPolicy = {
  accepted: [{ fingerprint: 'f', digest: 'd' }],
  redo: false,
  retry: 'none',
  dedupe: false,
  start: 2,
};
const failed = (code: NonNullable<StoredOutcome['code']>): StoredOutcome => ({ ...ok, status: 'failed', code });

describe('what an item needs', () => {
  it.each([
    ['no record', undefined, {}, 'ask'],
    ['a record and an unchanged file', ok, {}, 'done'],
    ['another size', { ...ok, sourceBytes: 11 }, {}, 'ask'],
    ['another time', { ...ok, sourceMtime: '1970-01-01T00:00:00.999Z' }, {}, 'touched'],
    ['a record of another ask', { ...ok, fingerprint: 'g' }, {}, 'ask'],
    ['a record of another model', { ...ok, digest: 'e' }, {}, 'ask'],
    ['a bad file', failed('IMAGE_UNREADABLE'), {}, 'done'],
    ['a bad answer', failed('ANSWER_EMPTY'), {}, 'done'],
    ['a bad answer, with --retry-failed', failed('ANSWER_EMPTY'), { retry: 'all' }, 'ask'],
    ['a bad answer, with its code', failed('ANSWER_EMPTY'), { retry: new Set(['ANSWER_EMPTY']) }, 'ask'],
    ['a bad answer, with another code', failed('ANSWER_EMPTY'), { retry: new Set(['ANSWER_LOOPED']) }, 'done'],
    ['an ok row, with --retry-failed', ok, { retry: 'all' }, 'done'],
    ['what the environment broke', failed('HOST_CRASHED'), {}, 'ask'],
    ['a file that was missing', { ...failed('IMAGE_MISSING'), sourceBytes: null, sourceMtime: null }, {}, 'ask'],
    ['a row without a size', { ...failed('ITEM_CRASHES_WORKER'), sourceBytes: null, sourceMtime: null }, {}, 'done'],
    ['a file too large to read', { ...failed('IMAGE_TOO_LARGE'), sourceBytes: null, sourceMtime: null }, {}, 'done'],
    ['a record, with --redo', ok, { redo: true }, 'ask'],
    ['a record of this start, with --redo', { ...ok, start: 2 }, { redo: true }, 'done'],
    ["another item's row, with --dedupe", { ...ok, duplicateOf: 'gone.png' }, { dedupe: true }, 'ask'],
    ["another item's row, without", { ...ok, duplicateOf: 'gone.png' }, {}, 'done'],
    ['a failure of this start', { ...failed('UNEXPECTED'), start: 2 }, {}, 'done'],
  ] as const)('%s', (_, outcome, change, expected) => {
    expect(standing(item, outcome as StoredOutcome | undefined, { ...policy, ...change } as AgainPolicy)).toBe(
      expected,
    );
  });

  it('compares every image of a group, in order', () => {
    const group: FoundItem = { ...item, sources: [source, { ...source, size: 20, mtimeMs: 2000 }] };
    const times = ['1970-01-01T00:00:01.000Z', '1970-01-01T00:00:02.000Z'];
    const both: StoredOutcome = { ...ok, sourceBytes: [10, 20], sourceMtime: times };
    expect(standing(group, both, policy)).toBe('done');
    expect(standing(group, { ...both, sourceBytes: [20, 10] }, policy)).toBe('ask');
    expect(standing(group, { ...both, sourceMtime: times.toReversed() }, policy)).toBe('touched');
    expect(standing({ ...item, sources: [source] }, both, policy)).toBe('ask');
    expect(standing(group, ok, policy)).toBe('ask');
  });

  it('takes what discovery does not look at, such as a URL, for unchanged', () => {
    const url = { ref: { url: 'https://example.org/a.jpg' }, size: null, mtimeMs: null };
    expect(standing({ ...item, sources: [url] }, ok, policy)).toBe('done');
    const both: StoredOutcome = { ...ok, sourceBytes: [5, 10], sourceMtime: Array(2).fill('1970-01-01T00:00:01.000Z') };
    expect(standing({ ...item, sources: [url, source] }, both, policy)).toBe('done');
    expect(standing({ ...item, sources: [url, { ...source, size: 11 }] }, both, policy)).toBe('ask');
  });

  it('does not write the same problem twice', () => {
    const problem = { code: 'NAME_NOT_UTF8', message: 'x' } as const;
    const outcome = { ...failed('NAME_NOT_UTF8'), sourceBytes: null, sourceMtime: null };
    expect(standing({ ...item, problem }, outcome, policy)).toBe('done');
    expect(standing({ ...item, problem }, ok, policy)).toBe('ask');
  });
});
