import { describe, expect, it } from 'vitest';
import type { FoundItem } from '../../../src/core/item.js';
import { sourceMark } from '../../../src/core/source-mark.js';
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
  sourceEtag: null,
  start: 1,
  duplicateOf: null,
  source: sourceMark('a.png'),
  message: null,
};
const policy: AgainPolicy = {
  accepted: [{ fingerprint: 'f', digest: 'd' }],
  redo: false,
  retry: 'none',
  dedupe: false,
  start: 2,
};
const failed = (code: NonNullable<StoredOutcome['code']>): StoredOutcome => ({ ...ok, status: 'failed', code });
const unseen = (code: NonNullable<StoredOutcome['code']>) => ({
  ...failed(code),
  sourceBytes: null,
  sourceMtime: null,
});

const always = (): boolean => true;
const never = (): boolean => false;

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
    ['a file that was missing', unseen('IMAGE_MISSING'), {}, 'ask'],
    ['a file that crashed its worker', failed('ITEM_CRASHES_WORKER'), {}, 'done'],
    ['a bad row that knows no size of a file that is there', unseen('IMAGE_UNREADABLE'), {}, 'ask'],
    ['a record of another file of this size and time', { ...ok, source: sourceMark('b.png') }, {}, 'touched'],
    ['a record of another file of another size', { ...ok, source: sourceMark('b.png'), sourceBytes: 9 }, {}, 'ask'],
    ['a PDF that opens here and did not where it was asked', failed('PDF_ENCRYPTED'), {}, 'ask'],
    ['a record, with --redo', ok, { redo: true }, 'ask'],
    ['a record of this start, with --redo', { ...ok, start: 2 }, { redo: true }, 'done'],
    ["another item's row, with --dedupe", { ...ok, duplicateOf: 'gone.png' }, { dedupe: true }, 'ask'],
    ["another item's row, without", { ...ok, duplicateOf: 'gone.png' }, {}, 'done'],
    ['a page without ink, of which the ask asks by now', { ...ok, status: 'blank' }, { isUnasked: always }, 'ask'],
    ['a page that the model found blank', { ...ok, status: 'blank' }, { isUnasked: never }, 'done'],
    ['a failure of this start', { ...failed('UNEXPECTED'), start: 2 }, {}, 'done'],
  ] as const)('%s', (_, outcome, change, expected) => {
    expect(standing(item, outcome as StoredOutcome | undefined, { ...policy, ...change } as AgainPolicy)).toBe(
      expected,
    );
  });

  it('compares every image of a group, in order', () => {
    const group: FoundItem = { ...item, sources: [source, { ...source, size: 20, mtimeMs: 2000 }] };
    const times = ['1970-01-01T00:00:01.000Z', '1970-01-01T00:00:02.000Z'];
    const both: StoredOutcome = {
      ...ok,
      source: sourceMark(['a.png', 'a.png']),
      sourceBytes: [10, 20],
      sourceMtime: times,
    };
    expect(standing(group, both, policy)).toBe('done');
    expect(standing(group, { ...both, sourceBytes: [20, 10] }, policy)).toBe('ask');
    expect(standing(group, { ...both, sourceMtime: times.toReversed() }, policy)).toBe('touched');
    expect(standing({ ...item, sources: [source] }, both, policy)).toBe('ask');
    expect(standing(group, ok, policy)).toBe('ask');
  });

  const url = { ref: { url: 'https://example.org/a.jpg' }, size: null, mtimeMs: null };
  const ofUrl: StoredOutcome = { ...ok, source: sourceMark(url.ref.url) };

  it('takes what discovery does not look at, such as a URL, for unchanged', () => {
    expect(standing({ ...item, sources: [url] }, ofUrl, policy)).toBe('done');
    const both: StoredOutcome = {
      ...ok,
      source: sourceMark([url.ref.url, 'a.png']),
      sourceBytes: [5, 10],
      sourceMtime: Array(2).fill('1970-01-01T00:00:01.000Z'),
    };
    expect(standing({ ...item, sources: [url, source] }, both, policy)).toBe('done');
    expect(standing({ ...item, sources: [url, { ...source, size: 11 }] }, both, policy)).toBe('ask');
  });

  it('is looked at where an archive at an address is another version, whatever its server says of the time', () => {
    const part = { member: 'a.png', offset: 0, length: 10, packing: 'stored', size: 10 } as const;
    const member = (etag?: string) => {
      const version = { size: 99, ...(etag === undefined ? {} : { etag }) };
      const ref = { url: 'https://example.org/x.zip', part: { ...part, version } };
      return { ...item, sources: [{ ref, size: 10, mtimeMs: 0 }] };
    };
    const known = {
      ...ok,
      source: sourceMark('https://example.org/x.zip/a.png'),
      sourceMtime: '1970-01-01T00:00:00.000Z',
      sourceEtag: '"1"',
    };
    expect(standing(member('"1"'), known, policy)).toBe('done');
    expect(standing(member('"2"'), known, policy)).toBe('touched');
    expect(standing(member(), known, policy)).toBe('done');
    expect(standing(member('"2"'), { ...known, sourceEtag: null }, policy)).toBe('done');
  });

  it('is asked for where a row names another URL or file than before, whatever sites say of it', () => {
    const other = { ...url, ref: { url: 'https://example.org/b.jpg' } };
    for (const recheckUrls of [false, true]) {
      expect(standing({ ...item, sources: [other] }, ofUrl, { ...policy, recheckUrls })).toBe('ask');
    }
    expect(standing({ ...item, sources: [url] }, ok, policy)).toBe('ask');
    const refused = { ...unseen('IMAGE_UNSUPPORTED'), source: sourceMark('ftp://example.org/a.jpg') };
    expect(standing(item, refused, policy)).toBe('ask');
  });

  it('is to look at a site again with --recheck-urls, where a URL failed, too', () => {
    const page = { ...unseen('IMAGE_UNREADABLE'), source: ofUrl.source };
    expect(standing({ ...item, sources: [url] }, page, policy)).toBe('done');
    expect(standing({ ...item, sources: [url] }, page, { ...policy, recheckUrls: true })).toBe('touched');
  });

  it('is to be asked again where a private URL was refused and is allowed now', () => {
    const refused = { ...unseen('URL_FORBIDDEN'), source: ofUrl.source };
    expect(standing({ ...item, sources: [url] }, refused, policy)).toBe('done');
    expect(standing({ ...item, sources: [url] }, refused, { ...policy, allowPrivateUrls: true })).toBe('ask');
  });

  it('does not write the same problem twice, but anew in other words or of another file', () => {
    const problem = { code: 'PDF_ENCRYPTED', message: 'It wants a password.' } as const;
    const outcome = { ...failed('PDF_ENCRYPTED'), message: problem.message };
    expect(standing({ ...item, problem }, outcome, policy)).toBe('done');
    expect(standing({ ...item, problem }, ok, policy)).toBe('ask');
    expect(standing({ ...item, problem: { ...problem, message: 'No password fits.' } }, outcome, policy)).toBe('ask');
    expect(standing({ ...item, problem, sources: [url] }, outcome, policy)).toBe('ask');
  });
});
