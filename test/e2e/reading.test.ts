import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { endsWith, hold, startStage, until, untilAsked } from '../support/runs.js';

const ITEMS = 16;

describe('status, failures and export', () => {
  it('read a run while it runs, and after, by any of its names', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: [{ slots: 1, serviceMs: 50 }] });
    const { folder, ollama } = stage;
    await ollama.fault(0, { outcome: { kind: 'empty' }, nth: [2], times: 1 });
    const run = stage.ocr('-o', 'out.jsonl', '--attempts', '1');
    await untilAsked(ollama, 6, run);
    await hold(ollama);
    await run.says(/503|busy/i);

    const status = async () => JSON.parse((await endsWith(0, stage.cli(['status', 'out.jsonl', '--json']))).stdout);
    await until(async () => (await status()).counts.ok > 0, 'a row in the counts');
    const live = await status();
    expect(live).toMatchObject({ running: true, coordinator: { pid: run.child.pid }, task: 'ocr', starts: 1 });
    expect(live.counts.items).toBe(ITEMS);
    expect(live.counts.left).toBeGreaterThan(0);
    await endsWith(0, stage.cli(['export', 'out.jsonl', '-o', 'peek.jsonl']));
    const peek = (await readRows(folder.at('peek.jsonl'))).length;
    expect(peek).toBeGreaterThan(0);
    expect(peek).toBeLessThan(ITEMS);

    await ollama.clearFaults();
    await endsWith(1, run);
    const done = await status();
    expect(done).toMatchObject({
      running: false,
      coordinator: null,
      counts: { items: ITEMS, ok: ITEMS - 1, blank: 0, not_ok: 1, skipped: 0, left: 0, codes: { ANSWER_EMPTY: 1 } },
    });
    const text = await endsWith(0, stage.cli(['status', done.store]));
    expect(text.stdout).toContain(`items ${ITEMS} = ${ITEMS - 1} ok + 0 blank + 1 not ok + 0 skipped + 0 left`);
    const failures = await endsWith(0, stage.cli(['failures', done.run_id]));
    expect(failures.stdout).toMatch(/^\S+\.png\tempty\tANSWER_EMPTY\t.+\n$/);
    await endsWith(0, stage.cli(['export', 'out.jsonl', '-o', 'peek.jsonl']));
    expect(await readRows(folder.at('peek.jsonl'))).toEqual(await readRows(folder.at('out.jsonl')));
  });

  it('find a run that has no file by its name where --state says that it is kept', async () => {
    await using stage = await startStage({ items: 2, hosts: [{ slots: 2 }] });
    const flags = ['--name', 'only', '--state', 'kept', '--exclude', '*.jpg', '--limit', '1', '--model', 'tiny'];
    const { stderr } = await endsWith(0, stage.ocr('-o', '-', ...flags));
    expect(stderr).toMatch(/visionbatch ocr scans .*--exclude '\*\.jpg' --limit 1 .*--model tiny/); // continues just this
    const { stdout } = await endsWith(0, stage.cli(['status', 'only', '--state', 'kept']));
    expect(stdout).toContain('items 2 = 1 ok');
    await endsWith(2, stage.cli(['status', 'only', '--state', 'elsewhere']));
  });

  it('exit 2 where there is no such run', async () => {
    await using stage = await startStage({ items: 0 });
    for (const command of ['status', 'failures', 'export']) await endsWith(2, stage.cli([command, 'nothing.csv']));
  });
});
