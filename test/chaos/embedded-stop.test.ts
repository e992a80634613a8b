import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import {
  asksByImage,
  asksOf,
  endsWith,
  sameRows,
  startStage,
  undisturbed,
  until,
  untilAsked,
} from '../support/runs.js';

const ITEMS = 60;
/** Long enough that a request is certainly open when a signal arrives. */
const SLOW = [{ slots: 2, serviceMs: 400 }] as const;

describe.concurrent('a run that is told to stop', () => {
  it('drains at Ctrl-C, exits 130 with the rows so far and the command, and goes on without asking twice', async () => {
    await using stage = await startStage({ items: ITEMS });
    const expected = await undisturbed(stage);
    const run = stage.ocr('-o', 'out.jsonl');
    await untilAsked(stage.ollama, 15, run);
    run.kill('SIGINT');
    const end = await endsWith(130, run);
    const asked = await asksOf(stage.ollama);
    expect(asked).toBeLessThan(ITEMS);
    const partial = await sameRows(stage.folder.at('out.jsonl'));
    expect(partial).toHaveLength(asked);
    expect(expected).toEqual(expect.arrayContaining([...partial]));
    expect(end.stderr).toMatch(new RegExp(`Stopped with ${ITEMS - asked} left`));
    expect(end.stderr).toMatch(/visionbatch ocr scans -o out\.jsonl (--host \S+ ?)+\n\s+goes on with the/);

    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(await sameRows(stage.folder.at('out.jsonl'))).toEqual(expected);
    expect([...(await asksByImage(stage.ollama)).values()].every((times) => times === 1)).toBe(true);
  });

  it('closes its requests at a second Ctrl-C and exits 130 at once', async () => {
    await using stage = await startStage({ items: 12, hosts: [{ slots: 2, serviceMs: 60_000 }] });
    const run = stage.ocr('-o', 'out.jsonl');
    await untilAsked(stage.ollama, 2, run);
    run.kill('SIGINT');
    await run.says(/Ctrl-C again to force/);
    const secondMs = Date.now();
    run.kill('SIGINT');
    await endsWith(130, run);
    expect(Date.now() - secondMs).toBeLessThan(10_000);
    await until(async () => {
      const [host] = await stage.ollama.stats();
      return host !== undefined && host.aborted === host.asks;
    }, 'every request to be closed');
  });

  it('exits 143 at SIGTERM, after what is in hand', async () => {
    await using stage = await startStage({ items: 20, hosts: SLOW });
    const run = stage.ocr('-o', 'out.jsonl');
    await untilAsked(stage.ollama, 4, run);
    run.kill('SIGTERM');
    await endsWith(143, run);
    expect(await readRows(stage.folder.at('out.jsonl'))).toHaveLength(await asksOf(stage.ollama));
  });

  it('ends by --for as it does by Ctrl-C', async () => {
    await using stage = await startStage({ items: 20, hosts: SLOW });
    const end = await endsWith(130, stage.ocr('-o', 'out.jsonl', '--for', '3s'));
    expect(end.stderr).toContain('--for: stopping');
    expect(await readRows(stage.folder.at('out.jsonl'))).toHaveLength(await asksOf(stage.ollama));
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(await readRows(stage.folder.at('out.jsonl'))).toHaveLength(20);
    expect(await asksOf(stage.ollama)).toBe(20);
  });

  it('exits 130 where nothing was found yet', async () => {
    await using stage = await startStage({ items: 3 });
    await endsWith(130, stage.ocr('-o', 'out.jsonl', '--model', 'tiny', '--for', '1ms'));
  });

  it('is finished where the last items were in hand', async () => {
    await using stage = await startStage({ items: 2, hosts: [{ slots: 2, serviceMs: 2_000 }] });
    const run = stage.ocr('-o', 'out.jsonl');
    await untilAsked(stage.ollama, 2, run);
    run.kill('SIGINT');
    const { stderr } = await endsWith(0, run);
    expect(stderr).toContain('Finished');
  });

  it('drops at its drain timeout what takes longer, and asks it again next time', async () => {
    await using stage = await startStage({ items: 6, hosts: [{ slots: 2, serviceMs: 20 }] });
    await stage.ollama.fault(0, { outcome: { kind: 'hang', afterTokens: 0 }, nth: [3], times: 1 });
    const run = stage.ocr('-o', 'out.jsonl', '--drain-timeout', '1s');
    await untilAsked(stage.ollama, 5, run);
    run.kill('SIGINT');
    await endsWith(130, run);
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(await readRows(stage.folder.at('out.jsonl'))).toHaveLength(6);
  });
});
