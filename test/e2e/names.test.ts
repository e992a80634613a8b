import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { tinyPng } from '../support/images.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, startStage } from '../support/runs.js';

const NAMES = [
  'two words.png',
  'comma, "quote" and \'quote\'.png',
  'line\nbreak.png',
  '-o out.csv.png',
  '=1+1.png',
  'Ünïcödé 漢字 😀.png',
  '[draft] (1) {x} *?.png',
  '50% #1.PNG',
];

describe('names that people give to files', () => {
  it('each get their row, odd ones and those that are not UTF-8 too', async () => {
    await using stage = await startStage({ items: 0, hosts: [{ slots: 2 }] });
    const { folder } = stage;
    await mkdir(folder.at('scans'));
    for (const [n, name] of NAMES.entries()) await writeFile(folder.at('scans', name), await tinyPng(n));
    const latin1 = Buffer.concat([
      Buffer.from(folder.at('scans/')),
      Buffer.from([0x6d, 0xfc, 0x6c, 0x6c]),
      Buffer.from('.png'),
    ]);
    await writeFile(latin1, await tinyPng(99));

    await endsWith(1, stage.ocr('-o', 'out.jsonl', '-o', 'out.csv'));
    const rows = await readRows(folder.at('out.jsonl'));
    const ok = rows.filter(({ status }) => status === 'ok');
    const keyOf = (name: string) => name.replaceAll('%', '%25').replaceAll('#', '%23');
    expect(new Set(ok.map(({ id }) => id))).toEqual(new Set(NAMES.map(keyOf)));
    expect(rows.filter(({ status }) => status !== 'ok')).toMatchObject([
      { id: 'm%FCll.png', status: 'failed', error: { code: 'NAME_NOT_UTF8' } },
    ]);
    await endsWith(1, stage.ocr('-o', 'out.jsonl', '-o', 'out.csv'));
    expect(await asksOf(stage.ollama)).toBe(NAMES.length);
  });
});

describe('a file that may not be read', () => {
  it.runIf(process.getuid?.() === 0)('is a failed row, and is asked again once it can be read', async () => {
    await using stage = await startStage({ items: 3, hosts: [{ slots: 2 }] });
    const { folder, ollama, keys } = stage;
    const [secret = ''] = keys;
    const nobody = 65_534;
    await Promise.all([chmod(folder.path, 0o777), chmod(folder.at('scans', secret), 0o600)]);
    await mkdir(folder.at('scans/locked'), { mode: 0o700 });
    const command = ['ocr', 'scans', '-o', 'out.jsonl', ...stage.hostFlags];
    await endsWith(1, stage.cli(command, { uid: nobody }));
    const rows = await readRows(folder.at('out.jsonl'));
    expect(rows.filter(({ status }) => status !== 'ok').map(({ id, error }) => [id, error?.code])).toEqual([
      [secret, 'IMAGE_FORBIDDEN'],
      ['locked', 'FOLDER_UNREADABLE'],
    ]);

    await Promise.all([chmod(folder.at('scans', secret), 0o644), chmod(folder.at('scans/locked'), 0o755)]);
    await endsWith(0, stage.cli(command, { uid: nobody }));
    expect((await readRows(folder.at('out.jsonl'))).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(await asksOf(ollama)).toBe(3);
  });
});
