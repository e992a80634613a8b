import { mkdir, rm, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../src/core/errors.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, seeded, startStage } from '../support/runs.js';
import { HOPELESS } from '../support/zoo/zoo.js';

const ITEMS = 1_000;
const BAD = 200;

/** Ways in which a file in a folder of images is none; each spoils the file of one item and returns its new key. */
const SPOIL = {
  'zero bytes': async (path: string) => writeFile(path, ''),
  'text as .jpg': async (path: string) => replace(path, '.jpg', Buffer.from('Dear all,\nplease find attached.\n')),
  'a truncated JPEG': async (path: string) => replace(path, '.jpg', await truncatedJpeg()),
  'HTML as .png': async (path: string) => writeFile(path, '<!doctype html><title>404 Not Found</title>'),
  garbage: async (path: string) => writeFile(path, Buffer.from(Array.from({ length: 999 }, (_, n) => (n * 73) % 251))),
};

async function replace(path: string, extension: string, bytes: Buffer): Promise<void> {
  await rm(path);
  await writeFile(path.replace(/\.png$/, extension), bytes);
}

async function truncatedJpeg(): Promise<Buffer> {
  const whole = await sharp({ create: { width: 200, height: 200, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  return whole.subarray(0, whole.length - 100);
}

describe('200 bad files among 1,000', () => {
  it('are failed rows with a code and a way out, and the good ones are read', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: [{ slots: 4 }, { slots: 4 }] });
    const random = seeded(200);
    const shuffled = stage.keys.map((key) => [random(), key] as const).sort(([a], [b]) => a - b);
    const bad = new Map<string, string>();
    for (const [index, [, key]] of shuffled.slice(0, BAD).entries()) {
      const [kind, spoil] = Object.entries(SPOIL)[index % 5] ?? ['', async () => {}];
      await spoil(stage.folder.at('scans', key));
      bad.set(key.replace(/\.png$/, ''), kind);
    }

    const end = await endsWith(1, stage.ocr('-o', 'out.jsonl', '-o', 'out.csv'));
    const rows = await readRows(stage.folder.at('out.jsonl'));
    expect(rows).toHaveLength(ITEMS);
    const failed = rows.filter(({ status }) => status !== 'ok');
    expect(new Set(failed.map(({ id }) => id.replace(/\.\w+$/, '')))).toEqual(new Set(bad.keys()));
    for (const { id, status, error, text } of failed) {
      expect({ id, status, text }).toEqual({ id, status: 'failed', text: null });
      expect(error?.code).toMatch(/^IMAGE_/);
      expect(FAILURES[error?.code ?? 'UNEXPECTED']).toBe('fail');
      expect(error?.message.split(/(?<=[.:]) /).length, error?.message).toBeGreaterThan(1); // what is wrong, and a fix
    }
    expect(await asksOf(stage.ollama)).toBe(ITEMS - BAD);
    expect(end.stderr).toContain('1,000 items');
    expect(end.stderr).toMatch(/\n +800 +ok\n +200 +not ok\n/);

    const status = await endsWith(0, stage.cli(['status', 'out.csv', '--json']));
    expect(JSON.parse(status.stdout)).toMatchObject({
      counts: { items: ITEMS, ok: ITEMS - BAD, blank: 0, not_ok: BAD, skipped: 0, left: 0 },
    });
    const failures = await endsWith(0, stage.cli(['failures', 'out.csv', '--json']));
    expect(failures.stdout.trim().split('\n')).toHaveLength(BAD);
  });
});

describe('a hundred files of every kind that nobody can read, and a good one', () => {
  it('are a hundred rows that name the reason and one that is ok, and no host hears of a bad one', async () => {
    await using stage = await startStage({ items: 1, hosts: [{ slots: 4 }] });
    await mkdir(stage.folder.at('scans/junk'));
    const truth = new Map<string, string>(stage.keys.map((key) => [key, 'ok']));
    for (let at = 0; at < 100; at += 1) {
      const animal = HOPELESS[at % HOPELESS.length];
      if (animal === undefined) throw new Error('Expected hopeless files in the zoo, got none');
      const key = `junk/${String(at).padStart(3, '0')}-${animal.name}`;
      await writeFile(stage.folder.at('scans', key), await animal.make());
      truth.set(key, animal.fails);
    }
    await endsWith(1, stage.ocr('-o', 'out.jsonl', '--model', 'tiny'));
    const rows = await readRows(stage.folder.at('out.jsonl'));
    expect(rows.map(({ error, id, status }) => [id, error?.code ?? status]).sort()).toEqual([...truth].sort());
    expect(rows.filter(({ error }) => error !== null && error.message.length < 40)).toEqual([]);
    expect(await asksOf(stage.ollama)).toBe(1);
  });
});
