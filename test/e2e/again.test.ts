import { utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SILENT } from '../../src/core/telling.js';
import { FOLDER_CHECK_MS, openStore } from '../../src/results/store.js';
import { thisProcess } from '../../src/results/store-lock.js';
import { tinyPng } from '../support/images.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, type Stage, startStage } from '../support/runs.js';

const ITEMS = 24;
const FAST = [{ slots: 4 }] as const;

/** Runs to the end and says how many questions that took. */
async function asked(stage: Stage, ...flags: readonly string[]): Promise<number> {
  const before = await asksOf(stage.ollama);
  await endsWith(0, stage.ocr('-o', 'out.jsonl', ...flags));
  return (await asksOf(stage.ollama)) - before;
}

const rowsOf = (stage: Stage) => readRows(stage.folder.at('out.jsonl'));

describe('the same command again', () => {
  it('is one run: twenty first, a look, then all, then nothing', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: FAST });
    expect(await asked(stage, '--limit', '20')).toBe(20);
    expect((await rowsOf(stage)).map(({ id }) => id)).toEqual(stage.keys.slice(0, 20));
    expect(await asked(stage)).toBe(ITEMS - 20);
    expect((await rowsOf(stage)).map(({ id }) => id)).toEqual(stage.keys);
    expect(await asked(stage)).toBe(0);
  });

  it('asks changed and new files, and not those that were only touched; --redo asks all', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: FAST });
    const { folder } = stage;
    await asked(stage);
    const [changed, touched] = [stage.keys[3] ?? '', stage.keys[7] ?? ''];
    const before = await rowsOf(stage);

    await writeFile(folder.at('scans', changed), await tinyPng(9_999, 80));
    await writeFile(folder.at('scans', 'new.png'), await tinyPng(10_000));
    await utimes(folder.at('scans', touched), 1_000_000_000, 1_000_000_000);
    expect(await asked(stage)).toBe(2);

    const after = await rowsOf(stage);
    const texts = (rows: typeof after) => new Map(rows.map(({ id, text }) => [id, text]));
    const different = [...texts(after)].filter(([id, text]) => texts(before).get(id) !== text).map(([id]) => id);
    expect(new Set(different)).toEqual(new Set([changed, 'new.png']));
    expect(after.find(({ id }) => id === touched)?.source_mtime).toBe('2001-09-09T01:46:40.000Z');
    expect(await asked(stage)).toBe(0);
    expect(await asked(stage, '--redo')).toBe(ITEMS + 1);
  });

  it('needs no host where nothing is left to ask, and says so where something is', async () => {
    await using stage = await startStage({ items: 6, hosts: FAST });
    await asked(stage);
    await stage.ollama.power(0, 'killed');
    for (let start = 0; start < 3; start += 1) await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    await writeFile(stage.folder.at('scans', 'new.png'), await tinyPng(10_000));
    const { stderr } = await endsWith(3, stage.ocr('-o', 'out.jsonl'));
    expect(stderr).toContain('No host can serve this run');
  });

  it('asks bad answers again on request only', async () => {
    await using stage = await startStage({ items: 6, hosts: FAST });
    await stage.ollama.fault(0, { outcome: { kind: 'empty' }, nth: [2], times: 1 });
    await endsWith(1, stage.ocr('-o', 'out.jsonl', '--attempts', '1'));
    const before = await asksOf(stage.ollama);
    await endsWith(1, stage.ocr('-o', 'out.jsonl'));
    await endsWith(1, stage.ocr('-o', 'out.jsonl', '--retry-failed=ANSWER_LOOPED'));
    expect(await asksOf(stage.ollama)).toBe(before);
    expect(await asked(stage, '--retry-failed')).toBe(1);
    expect((await rowsOf(stage)).every(({ status }) => status === 'ok')).toBe(true);
  });
});

describe('a newer version with another prompt of its own', () => {
  it('neither stops a run nor asks an item again: the run keeps the prompt that it began with', async () => {
    await using stage = await startStage({ items: 6, hosts: FAST });
    await asked(stage, '--limit', '3');
    await pinPrompt(stage, 'Read this page, as version 0.0.1 would say it.');
    expect(await asked(stage)).toBe(3);
    const asks = (await stage.ollama.requests(0))
      .filter(({ isTrial, path }) => path === '/api/chat' && !isTrial)
      .slice(-3);
    for (const { body } of asks) expect(JSON.stringify(body)).toContain('as version 0.0.1 would say it');
  });
});

/** Makes it look as if a version with another built-in prompt had begun the run. */
async function pinPrompt(stage: Stage, prompt: string): Promise<void> {
  const store = await openStore(stage.folder.at('.visionbatch/out.jsonl'), {
    coordinator: thisProcess(),
    logger: SILENT,
    now: Date.now,
    folderCheckMs: FOLDER_CHECK_MS,
    onLost: () => {},
  });
  const meta = store.meta();
  if (meta === null) throw new Error('Expected the run to have begun');
  await store.writeMeta({ ...meta, ask: { ...meta.ask, prompt } });
  await store.close();
}

describe('another question to the same run', () => {
  it('stops with exit 2 naming the difference; values that are not given again are no difference', async () => {
    await using stage = await startStage({ items: 6, hosts: FAST });
    await asked(stage, '--prompt', 'Read it.', '--max-tokens', '99');
    expect(await asked(stage)).toBe(0);
    const { stderr } = await endsWith(2, stage.ocr('-o', 'out.jsonl', '--prompt', 'Read all.'));
    expect(stderr).toContain('--prompt: the run began with "Read it.", now "Read all."');
    expect(stderr).toContain('--on-change keep');
    expect(stderr).not.toContain('--max-tokens');
  });

  it('does not wait for a host that takes long to load', async () => {
    await using stage = await startStage({ items: 6, hosts: [{ slots: 4 }, { loadMs: 600_000 }] });
    expect(await asked(stage)).toBe(6);
    expect(await asked(stage, '--on-change', 'redo')).toBe(0);
  });

  it('is put to new and changed items with keep, and to all with redo', async () => {
    await using stage = await startStage({ items: 6, hosts: FAST });
    await asked(stage);
    await writeFile(stage.folder.at('scans', 'new.png'), await tinyPng(10_000));
    expect(await asked(stage, '--prompt', 'Read all.', '--on-change', 'keep')).toBe(1);
    const kept = await rowsOf(stage);
    expect(new Set(kept.map((row) => row.ask_fingerprint)).size).toBe(2);
    expect(await asked(stage)).toBe(0);

    expect(await asked(stage, '--prompt', 'Read it.', '--on-change', 'redo')).toBe(7);
    const redone = await rowsOf(stage);
    expect(new Set(redone.map((row) => row.ask_fingerprint)).size).toBe(1);
    expect(redone).toHaveLength(7);
  });
});
