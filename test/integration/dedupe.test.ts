import { copyFile, rm, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { tinyPng } from '../support/images.js';
import { readRows } from '../support/rows.js';
import { asksByImage, asksOf, endsWith, killAfterAsks, type Stage, startStage } from '../support/runs.js';

const IMAGES = 6;

/** A stage on which every image has a copy, the next item in its folder. */
async function withCopies(items = IMAGES, serviceMs = 5): Promise<Stage> {
  const stage = await startStage({ items, hosts: [{ slots: 2, serviceMs }] });
  await Promise.all(
    stage.keys.map((key) => copyFile(stage.folder.at('scans', key), stage.folder.at('scans', copyOf(key)))),
  );
  return stage;
}

const copyOf = (key: string): string => key.replace('.png', '_copy.png');
const dedupe = (stage: Stage, ...flags: readonly string[]) =>
  stage.ocr('-o', 'out.jsonl', '--model', 'tiny', '--dedupe', ...flags);
const rowsOf = async (stage: Stage) => readRows(stage.folder.at('out.jsonl'));
/** Of every row that is one, which item it follows. */
const followed = async (stage: Stage) =>
  Object.fromEntries(
    (await rowsOf(stage)).flatMap(({ duplicate_of, id }) => (duplicate_of === null ? [] : [[id, duplicate_of]])),
  );

describe.concurrent('--dedupe', () => {
  it('asks equal bytes once and writes a marked row for every item, until its original is gone or changed', async () => {
    await using stage = await withCopies();
    const { stderr } = await endsWith(0, dedupe(stage));
    expect(await asksOf(stage.ollama)).toBe(IMAGES);
    expect(stderr).toContain(`${IMAGES} duplicates`);
    const rows = await rowsOf(stage);
    expect(rows).toHaveLength(2 * IMAGES);
    expect(await followed(stage)).toEqual(Object.fromEntries(stage.keys.map((key) => [copyOf(key), key])));
    for (const key of stage.keys) {
      const [original, copy] = [key, copyOf(key)].map((id) => rows.find((row) => row.id === id));
      expect(copy).toMatchObject({ text: original?.text, status: 'ok', source: copyOf(key), attempts: 0, host: null });
    }

    const [gone = '', changed = '', touched = '', ...rest] = stage.keys;
    await utimes(stage.folder.at('scans', copyOf(touched)), 1_700_000_000, 1_700_000_000);
    await endsWith(0, dedupe(stage));
    expect(await followed(stage)).toEqual(Object.fromEntries(stage.keys.map((key) => [copyOf(key), key])));
    expect(await asksOf(stage.ollama)).toBe(IMAGES);

    await rm(stage.folder.at('scans', gone));
    await writeFile(stage.folder.at('scans', changed), await tinyPng(90_000));
    await endsWith(0, dedupe(stage));
    expect(await followed(stage)).toEqual(Object.fromEntries([touched, ...rest].map((key) => [copyOf(key), key])));
    expect(await asksOf(stage.ollama)).toBe(IMAGES + 3); // both copies, and the changed one
  });

  it('lets a duplicate fail as its original does, and asks once again with --retry-failed', async () => {
    await using stage = await withCopies(1);
    await stage.ollama.fault(null, { outcome: { kind: 'empty' } });
    await endsWith(1, dedupe(stage));
    expect((await rowsOf(stage)).map(({ error, status }) => [status, error?.code])).toEqual([
      ['empty', 'ANSWER_EMPTY'],
      ['empty', 'ANSWER_EMPTY'],
    ]);
    await stage.ollama.reset();
    await endsWith(0, dedupe(stage, '--retry-failed'));
    expect(await asksOf(stage.ollama)).toBe(1);
  });

  it('has every row after a kill, and asks nothing twice but what was in hand', async () => {
    await using stage = await withCopies(20, 40);
    await killAfterAsks(dedupe(stage), stage.ollama, 8);
    await endsWith(0, dedupe(stage));
    expect(await rowsOf(stage)).toHaveLength(40);
    expect(await followed(stage)).toEqual(Object.fromEntries(stage.keys.map((key) => [copyOf(key), key])));
    expect(Math.max(...(await asksByImage(stage.ollama)).values())).toBeLessThanOrEqual(2);
  });
});
