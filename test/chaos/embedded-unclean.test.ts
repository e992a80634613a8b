import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { endsWith, startStage, untilAsked } from '../support/runs.js';

/** Never answers, but is there. */
const HANG = { outcome: { kind: 'hang', afterTokens: 0 } } as const;

describe('an item in hand when a start ends', () => {
  it('is not blamed where the hosts were gone, however often', async () => {
    await using stage = await startStage({ items: 3, hosts: [{ slots: 1 }] });
    const { folder, ollama } = stage;
    for (let start = 0; start < 4; start += 1) {
      await ollama.reset();
      await ollama.fault(0, HANG);
      const run = stage.ocr('-o', 'out.jsonl', '--hosts-down-timeout', '1s');
      await untilAsked(ollama, 1, run);
      await ollama.power(0, 'killed');
      await endsWith(3, run);
      await ollama.power(0, 'restarted');
    }
    await ollama.clearFaults();
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect((await readRows(folder.at('out.jsonl'))).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
  });

  it('runs alone after three kills, and is a failed row after a fourth; the others are read', async () => {
    await using stage = await startStage({ items: 4, hosts: [{ slots: 2 }] });
    const { folder, ollama } = stage;
    await ollama.fault(0, HANG);
    for (let start = 0; start < 4; start += 1) {
      await ollama.reset();
      await ollama.fault(0, HANG);
      const run = stage.ocr('-o', 'out.jsonl');
      await untilAsked(ollama, start < 3 ? 2 : 1, run);
      run.kill('SIGKILL');
      await run.end;
    }
    await ollama.clearFaults();
    await endsWith(1, stage.ocr('-o', 'out.jsonl'));
    const rows = await readRows(folder.at('out.jsonl'));
    expect(rows).toHaveLength(4);
    expect(rows.filter(({ status }) => status !== 'ok')).toMatchObject([{ error: { code: 'ITEM_CRASHES_WORKER' } }]);
  });
});

describe('a stop before anything is asked', () => {
  it('is exit 130 while a silent host is asked for its models, too', async () => {
    await using stage = await startStage({ items: 2, hosts: [{}] });
    await stage.ollama.power(0, 'off');
    const run = stage.ocr('-o', 'out.jsonl', '--for', '1ms');
    await endsWith(130, run);
    expect(run.stderr).toContain('Stopped before the run began');
  });

  it.each([
    ['a new run', []],
    ['a run that may change its model', ['--on-change', 'redo']],
  ])('ends %s at once while the model loads', async (_name, flags) => {
    await using stage = await startStage({ items: 2, hosts: [{ slots: 1 }, { loadMs: 60_000 }] });
    await endsWith(0, stage.cli(['ocr', 'scans', '-o', 'out.jsonl', ...stage.hostFlags.slice(0, 2), '--limit', '1']));
    const run = stage.cli(['ocr', 'scans', '-o', 'out.jsonl', '-v', ...stage.hostFlags.slice(2), ...flags]);
    await run.says(/Continuing/);
    run.kill('SIGINT');
    await run.says(/stopping/);
    const stoppedMs = Date.now();
    await endsWith(130, run);
    expect(Date.now() - stoppedMs).toBeLessThan(10_000);
  });
});
