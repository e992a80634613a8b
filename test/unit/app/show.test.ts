import { describe, expect, it } from 'vitest';
import { visible } from '../../../src/app/visible.js';
import type { Attempt } from '../../../src/core/ask.js';
import type { VisionRecord } from '../../../src/core/record.js';
import { aRecord } from '../../support/builders.js';
import { cliIn, type Said, type StoredRun, storedRun } from './stored-run.js';

const LOOPED: Attempt = {
  host: 'http://gpu1:11434',
  code: 'ANSWER_LOOPED',
  message: 'The answer repeats "a b".',
  ms: 12_000,
  change: null,
};
const RESCUED: Attempt = { host: 'http://gpu2:11434', code: null, message: null, ms: 900, change: 'penalty' };

/** What `show` says of an item of a run. */
async function show(run: StoredRun, ...args: readonly string[]): Promise<Said> {
  using folder = await storedRun(run);
  return await cliIn(folder, 'show', 'run', ...args);
}

describe('show', () => {
  it('says of an item what came of it, what it is worth, and every try', async () => {
    const record = aRecord({
      id: 'scans/a.jpg',
      pages: 3,
      warnings: ['rescued:penalty', 'not-confirmed'],
      confidence: 0.934,
      weakest: { text: 'Nr. 7', confidence: 0.31 },
      verify: { agreement: 0.5, missing: ['net', 'tax'], added: ['gross'] },
      image: {
        sha256: 'a'.repeat(64),
        width: 2480,
        height: 3508,
        sent_width: 1414,
        sent_height: 2000,
        sent_bytes: 345_678,
      },
      text: 'First line\nSecond line',
      row: { shelf: '3' },
    });
    const { code, stdout } = await show(
      { keys: ['scans/a.jpg'], records: [record], attempts: [LOOPED, RESCUED] },
      'scans/a.jpg',
    );
    expect(code).toBe(0);
    expect(stdout).toBe(`scans/a.jpg  ok
warnings    rescued:penalty
            not-confirmed
source      scans/a.jpg, page 1 of 3, 100 bytes, changed 2026-01-02T03:04:05.678Z
image       2480 × 3508 pixels, sent as 1414 × 2000 in 345,678 bytes
asked       ocr by tiny on ollama
answered    2026-01-02T03:04:06.000Z by http://127.0.0.1:11434
time        12 ms, of it queued 1 ms, load 0 ms, prompt 5 ms, generate 6 ms
tokens      10 in, 2 out
confidence  0.93 on average
            0.31 where it was least sure: "Nr. 7"
verify      0.50 of the words agree
            not in the answer: net tax
            only in the answer: gross
row         shelf: 3

attempts
1  http://gpu1:11434  as asked  ANSWER_LOOPED    12 s  The answer repeats "a b".
2  http://gpu2:11434  penalty   answered       900 ms

text
  First line
  Second line
`);
  });

  it('says why an item has no good answer, and shows what there is of it', async () => {
    const error = { code: 'ANSWER_INVALID', message: 'total: Expected a number' } as const;
    const record = aRecord({
      status: 'invalid',
      error,
      text: '{"total": "x"}',
      tokens: { prompt: null, output: null },
    });
    const { stdout } = await show({ keys: ['a.png'], records: [record] }, 'a.png');
    expect(stdout).toMatch(/^a\.png {2}invalid\nerror {5}ANSWER_INVALID: total: Expected a number\n/);
    expect(stdout).toMatch(/\n\ntext\n {2}\{"total": "x"\}\n$/);
    expect(stdout).not.toContain('attempts');
    expect(stdout).not.toContain('tokens');
  });

  it('shows data, labels, answers and several images', async () => {
    const shown = async (changes: Partial<VisionRecord>) =>
      (await show({ keys: ['a.png'], records: [aRecord({ text: null, ...changes })] }, 'a.png')).stdout;
    expect(await shown({ data: { total: 1 } })).toContain('\ndata\n  {\n    "total": 1\n  }\n');
    expect(await shown({ label: ['cat', 'dog'] })).toContain('\nlabel\n  cat\n  dog\n');
    expect(await shown({ answers: [{ question: 'How many?', text: 'Two.' }] })).toContain('\nHow many?\n  Two.\n');
    const two = await shown({ source: ['a.png', 'b.png'], source_bytes: [1, 2], source_mtime: null });
    expect(two).toContain('source    a.png, 1 byte\n          b.png, 2 bytes\n');
  });

  it('prints one object with --json', async () => {
    const record = aRecord({ text: 'a\u009b1m' });
    const { stdout } = await show({ keys: ['a.png'], records: [record], attempts: [LOOPED] }, 'a.png', '--json');
    expect(stdout).not.toContain('\u009b');
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual({ schema_version: 1, record, attempts: [LOOPED] });
  });

  it('lets no answer, name or message steer the terminal', async () => {
    const bad = '\u001b]0;owned\u0007\u009b2J\u202e';
    const record = aRecord({
      id: `${bad}.png`,
      status: 'failed',
      text: `${bad}\r\nnext\rback`,
      error: { code: 'UNEXPECTED', message: bad },
      answers: [{ question: bad, text: bad }],
    });
    const attempts = [{ ...LOOPED, message: bad }];
    const { stdout } = await show({ keys: [record.id], records: [record], attempts }, record.id);
    expect(stdout).toContain('  \\u001b]0;owned\\u0007\\u009b2J\\u202e\n  next\\u000dback\n');
    expect(stdout).toBe(visible(stdout));
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
  });

  it('names the keys that were probably meant in the place of an unknown one', async () => {
    const run = { keys: ['scans/a.jpg', 'scans/b.pdf#1', 'scans/b.pdf#2', 'old/x.jpg'], records: [] };
    const named = async (item: string) => (await show(run, item)).stderr.split('\n')[1];
    expect(await named('scans/a.jpeg')).toBe('fix: Did you mean scans/a.jpg?');
    expect(await named('scans/b.pdf')).toBe('fix: Did you mean scans/b.pdf#1, scans/b.pdf#2?');
    expect(await named('/data/old/X.jpg')).toBe('fix: Did you mean old/x.jpg?');
    expect(await named('nothing-like-it')).toBe('fix: An item is named by the id of its row.');
  });

  it('exits with 2 for an unknown item, and for one that was not asked yet', async () => {
    const run = { keys: ['a.png'], records: [] };
    const unknown = await show(run, 'zzz.png');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('Expected ITEM to name an item of the run, got zzz.png');
    const waiting = await show(run, 'a.png');
    expect(waiting).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('which has none yet') });
  });
});
