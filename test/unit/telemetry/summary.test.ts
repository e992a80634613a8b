import { describe, expect, it } from 'vitest';
import { type Summary, summaryLines } from '../../../src/telemetry/summary.js';
import { aLane, someCounts } from './snapshots.js';

const ALL_OK = someCounts({ ok: 100, blank: 0, notOk: 0, left: 0 });

function aSummary(changes: Partial<Summary> = {}): Summary {
  return {
    end: 'finished',
    counts: ALL_OK,
    made: 100,
    unwritten: { rows: 0, first: [] },
    inPart: { rows: 0, first: [] },
    elapsedMs: 50_000,
    lanes: [],
    outputs: [],
    discovered: true,
    notImages: {},
    shard: null,
    command: 'visionbatch ocr scans -o out.csv',
    run: 'out.csv',
    ...changes,
  };
}

describe('the summary', () => {
  it('names the ten most frequent extensions of what is no image', () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`e${n}`, n + 1]));
    const [line = ''] = summaryLines(aSummary({ notImages: many })).filter((one) => one.includes('not images'));
    expect(line).toMatch(/^ {2}not images: 12 \.e11, .*, 3 \.e2 and 2 more extensions$/);
  });

  it('names some of the pages that have no ink', () => {
    const unwritten = { rows: 7, first: ['a.png', 'b.pdf#2'] };
    expect(summaryLines(aSummary({ unwritten }))).toContain('  no ink on a.png, b.pdf#2 and 5 more');
  });

  it('names some of the files of which the first page alone was seen', () => {
    const text = summaryLines(aSummary({ inPart: { rows: 2, first: ['letter.jpg'] } })).join('\n');
    expect(text).toContain('  first page or frame only of letter.jpg and 1 more\n    --frames all takes every frame;');
    expect(summaryLines(aSummary({})).join('\n')).not.toContain('first page');
  });

  it('says of archives in folders how they are read', () => {
    const hint = /archives in folders are not opened: name them/;
    expect(summaryLines(aSummary({ notImages: { txt: 1, tgz: 2 } })).join('\n')).toMatch(hint);
    expect(summaryLines(aSummary({ notImages: { txt: 1 } })).join('\n')).not.toMatch(hint);
  });

  it('is short when all is well', () => {
    expect(summaryLines(aSummary())).toEqual(['Finished after 50 s: 100 items, 100 rows made, 2.0/s', '  100  ok']);
  });

  it('names every item once, failures by code, hosts, outputs and what can be done', () => {
    const counts = someCounts({
      ok: 80,
      blank: 5,
      notOk: 15,
      left: 0,
      codes: { IMAGE_TRUNCATED: 4, HOST_UNREACHABLE: 11 },
    });
    const lanes = [
      aLane({ done: 66, failed: 4 }),
      aLane({ host: 'http://gpu2:11434', done: 19, failed: 11, state: 'left', reason: 'has no model tiny' }),
    ];
    const outputs = [
      { path: 'out.csv', rows: 100, finished: true },
      { path: 'out.jsonl', rows: 60, finished: false },
    ];
    const notImages = { txt: 12, '': 1 };
    expect(summaryLines(aSummary({ counts, lanes, outputs, notImages }))).toEqual([
      'Finished after 50 s: 100 items, 100 rows made, 2.0/s',
      '  80  ok',
      '   5  blank',
      '  15  not ok',
      '        11  HOST_UNREACHABLE',
      '         4  IMAGE_TRUNCATED',
      '  not images: 12 .txt, 1 without extension',
      'Hosts',
      '  http://gpu1:11434  4 slots  70 done   4 not ok     1.4/s',
      '  http://gpu2:11434  4 slots  30 done  11 not ok  36.0/min  left: has no model tiny',
      'Output',
      '  out.csv    100 rows',
      '  out.jsonl   60 rows  so far',
      'Next',
      '  visionbatch failures out.csv',
      '    says what is wrong with the 15',
      '  visionbatch ocr scans -o out.csv',
      '    looks again at the 11 that the environment broke',
      '  visionbatch ocr scans -o out.csv --retry-failed',
      '    asks also the 4 again whose file or answer was bad',
    ]);
  });

  it('says why a host served nothing, though the run has ended, and no slots of it that nobody found', () => {
    const reason = 'http://gpu2:11434 cannot be reached.';
    const away = aLane({ host: 'http://gpu2:11434', slots: 1, done: 0, failed: 0, state: 'closing', reason });
    const lanes = [aLane({ state: 'closing' }), away];
    const lines = summaryLines(aSummary({ lanes }));
    expect(lines).toContain('  http://gpu2:11434        -   0 done  0 not ok         -  cannot be reached.');
    const served = aLane({ pid: 8, host: 'http://gpu2:11434', state: 'closing' });
    expect(summaryLines(aSummary({ lanes: [away, served] })).join()).not.toContain('cannot be reached');
  });

  it('says how much of the inputs a shard is, once they are known', () => {
    const shard = { index: 2, of: 8, own: 12_503, all: 100_012 };
    const line = '  shard 2 of 8: 12,503 of 100,012 files, rows or groups';
    expect(summaryLines(aSummary({ shard }))).toContain(line);
    expect(summaryLines(aSummary({ shard, discovered: false, end: 'stopped' }))).not.toContain(line);
  });

  it('names the flag that would help, as long as the command lacks it', () => {
    const counts = someCounts({ notOk: 5, codes: { PDF_ENCRYPTED: 2, URL_FORBIDDEN: 3 } });
    const lines = summaryLines(aSummary({ counts }));
    expect(lines.slice(-4)).toEqual([
      '  visionbatch ocr scans -o out.csv --password-file FILE',
      '    reads also what wants a password: 2',
      '  visionbatch ocr scans -o out.csv --allow-private-urls',
      '    fetches also what lies at private addresses: 3; where you trust who wrote them',
    ]);
    const command = 'visionbatch ocr scans -o out.csv --password-file p.txt';
    expect(summaryLines(aSummary({ counts, command })).join('\n')).toContain('asks also the 2 again');
  });

  it('says after a stop how to go on', () => {
    const lines = summaryLines(aSummary({ end: 'stopped', counts: someCounts({ notOk: 0, ok: 42 }), made: 0 }));
    expect(lines[0]).toBe('Stopped with 57 left after 50 s: 100 items, nothing was asked');
    expect(lines.slice(-3)).toEqual(['Next', '  visionbatch ocr scans -o out.csv', '    goes on with the 57 left']);
  });

  it('says after a look at the first few how to ask the rest', () => {
    const lines = summaryLines(aSummary({ counts: someCounts({ ok: 20, blank: 0, notOk: 0, skipped: 80, left: 0 }) }));
    expect(lines).toContain('  80  skipped (--limit)');
    expect(lines.at(-1)).toBe('    asks the 80 skipped, too, with a higher --limit or none');
  });

  it('prints numbers that add up to the items', () => {
    const counts = someCounts({ items: 1_234, ok: 1_000, blank: 100, notOk: 30, skipped: 4, left: 100 });
    const printed = summaryLines(aSummary({ counts }))
      .filter((line) => /^ +[\d,]+ {2}\S/.test(line))
      .map((line) => Number(line.trim().split(' ')[0]?.replace(',', '')));
    expect(printed.reduce((sum, items) => sum + items, 0)).toBe(1_234);
  });

  it('says that there is more to be found where a stop came before everything was', () => {
    const lines = summaryLines(aSummary({ end: 'stopped', discovered: false }));
    expect(lines[0]).toContain('and more to be found');
    expect(lines.join('\n')).toContain('goes on looking, and with what is left');
  });
});
