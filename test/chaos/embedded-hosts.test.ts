import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/fingerprint.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, type Stage, sameRows, startStage, undisturbed, untilAsked } from '../support/runs.js';

const ITEMS = 80;

/** Runs while something happens to the first host, once some items are asked. Expects the rows of an undisturbed run. */
async function expectSameRows(stage: Stage, happens: () => Promise<void>, ...flags: readonly string[]) {
  const expected = await undisturbed(stage);
  const run = stage.ocr('-o', 'out.jsonl', ...flags);
  await untilAsked(stage.ollama, 16, run);
  await happens();
  expect(run.child.exitCode).toBeNull();
  const end = await endsWith(0, run);
  expect(await sameRows(stage.folder.at('out.jsonl'))).toEqual(expected);
  return { end, rows: await readRows(stage.folder.at('out.jsonl')) };
}

describe.concurrent('a host in trouble', () => {
  it('leaves its items to the others when it is gone for good, at no attempt', async () => {
    await using stage = await startStage({ items: ITEMS });
    const { rows } = await expectSameRows(stage, () => stage.ollama.power(0, 'killed'));
    expect(rows.filter(({ attempts }) => attempts !== 1)).toEqual([]);
  });

  it('leaves its items to the others when its models are removed, from its list too, at no attempt', async () => {
    await using stage = await startStage({ items: ITEMS });
    const { end, rows } = await expectSameRows(stage, () => stage.ollama.models(0, 'gone'));
    expect(rows.filter(({ attempts }) => attempts !== 1)).toEqual([]);
    expect(end.stderr).toMatch(/MODEL_MISSING/);
  });

  it('is waited for while it answers 503, and no item pays', async () => {
    await using stage = await startStage({ items: ITEMS });
    const busy = { outcome: { kind: 'busy' }, forMs: 1_500 } as const;
    const { rows } = await expectSameRows(stage, () => stage.ollama.fault(0, busy));
    expect(rows.filter(({ attempts }) => attempts !== 1)).toEqual([]);
  });

  it('serves again after 503 where it is the only one', async () => {
    await using stage = await startStage({ items: 40, hosts: [{ slots: 2, serviceMs: 40 }] });
    const busy = { outcome: { kind: 'busy' }, forMs: 1_500 } as const;
    const { rows } = await expectSameRows(stage, () => stage.ollama.fault(0, busy));
    expect(rows.filter(({ attempts }) => attempts !== 1)).toEqual([]);
  });

  it('gives its items to the others within 25 s when it loses power, at no attempt', async () => {
    await using stage = await startStage({ items: ITEMS });
    let offMs = 0;
    const { rows } = await expectSameRows(stage, async () => {
      await stage.ollama.power(0, 'off');
      offMs = Date.now();
    });
    const last = Math.max(...rows.map(({ finished_at }) => Date.parse(finished_at)));
    expect((last - offMs) / 1_000).toBeLessThan(25);
    expect(rows.filter(({ attempts }) => attempts !== 1)).toEqual([]);
  });

  it('crashes and comes back, and the item it died of is answered', async () => {
    await using stage = await startStage({ items: ITEMS });
    const crash = { outcome: { kind: 'crash', afterTokens: 2 }, times: 1 } as const;
    await expectSameRows(stage, () => stage.ollama.fault(0, crash));
  });

  it('breaks the connection over one item again and again: that item alone fails', async () => {
    await using stage = await startStage({ items: ITEMS });
    const poison = stage.keys[20] ?? '';
    const imageSha256 = sha256Hex(await readFile(stage.folder.at('scans', poison)));
    await stage.ollama.fault(null, { outcome: { kind: 'reset', afterTokens: 1 }, imageSha256 });
    await endsWith(1, stage.ocr('-o', 'out.jsonl', '--model', 'tiny'));
    const rows = await readRows(stage.folder.at('out.jsonl'));
    expect(rows.filter(({ status }) => status !== 'ok')).toMatchObject([
      { id: poison, error: { code: 'ITEM_CRASHES_HOST' } },
    ]);
    expect(rows).toHaveLength(ITEMS);
  });

  it('stalls on a request, and another host answers it', async () => {
    await using stage = await startStage({ items: ITEMS });
    const hang = { outcome: { kind: 'hang', afterTokens: 2 }, times: 1 } as const;
    const { rows } = await expectSameRows(stage, () => stage.ollama.fault(0, hang), '--silence-timeout', '2s');
    expect(rows.filter(({ attempts }) => attempts !== 1)).toEqual([]);
  });
});

describe.concurrent('a run whose hosts are all gone', () => {
  it('waits, says so, ends with exit 3 after --hosts-down-timeout, and goes on by the same command', async () => {
    await using stage = await startStage({ items: ITEMS });
    const expected = await undisturbed(stage);
    const run = stage.ocr('-o', 'out.jsonl', '--hosts-down-timeout', '5s');
    await untilAsked(stage.ollama, 16, run);
    await Promise.all([0, 1].map((host) => stage.ollama.power(host, 'killed')));
    await run.says(/No host answers .*Waiting/);
    const end = await endsWith(3, run);
    expect(end.stderr).toContain('Nothing is lost: the same command continues');
    const made = (await readRows(stage.folder.at('out.jsonl'))).length;
    expect(made).toBeGreaterThan(0);

    await Promise.all([0, 1].map((host) => stage.ollama.power(host, 'restarted')));
    const before = await asksOf(stage.ollama);
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(await sameRows(stage.folder.at('out.jsonl'))).toEqual(expected);
    expect(await asksOf(stage.ollama)).toBe(before + ITEMS - made);
  });

  it('waits for one that has served, though all others turn out to be of no use meanwhile', async () => {
    const broken = { name: 'tiny', loadError: 'error loading model: bad magic' };
    await using stage = await startStage({
      items: 10,
      hosts: [
        { slots: 1, serviceMs: 20 },
        { slots: 1, loadMs: 1_000, models: [broken] },
      ],
    });
    await stage.ollama.fault(0, { outcome: { kind: 'busy' }, nth: [4], forMs: 3_000 });
    await endsWith(0, stage.ocr('-o', 'out.jsonl', '--model', 'tiny'));
  });

  it('ends at once, with each reason, where none answers at its start', async () => {
    await using stage = await startStage({ items: 3 });
    await Promise.all([0, 1].map((host) => stage.ollama.power(host, 'killed')));
    const end = await endsWith(3, stage.ocr('-o', 'out.jsonl', '--model', 'tiny'));
    for (const url of stage.ollama.urls) expect(end.stderr).toContain(url);
    expect(end.stderr).toContain('OLLAMA_HOST=0.0.0.0');
  });
});
