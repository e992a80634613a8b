import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type VisionRecord, visionRecordSchema } from '../../src/core/record.js';
import { CLI } from '../support/cli.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, type Stage, startStage } from '../support/runs.js';
import { drawn, frames } from '../support/zoo/entry.js';
import { blankSheet, LETTER, letterPage, receipt, threePages } from '../support/zoo/papers.js';
import { corner, greys, quarters, storedAs } from '../support/zoo/picture.js';
import { animatedPng } from '../support/zoo/pngs.js';
import { characterErrorRate } from '../support/zoo/reading.js';
import { tiffPage } from '../support/zoo/tiffs.js';
import { writeBmp } from '../support/zoo/write-bmp.js';
import { writePdf } from '../support/zoo/write-pdf.js';
import { writeTiff } from '../support/zoo/write-tiff.js';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples/documents');
const COLOURS = quarters();
const PASSWORD = 'open-sesame-17';

const photo = (): Promise<Buffer> =>
  drawn(storedAs(COLOURS, 6)).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
const note = (): Promise<Buffer> => readFile(path.join(EXAMPLES, 'note.webp'));

type Make = () => Uint8Array | Promise<Uint8Array>;

/** A folder as an office has it: one of each kind. */
const OFFICE: Readonly<Record<string, Make>> = {
  'animation.gif': async () => (await frames([COLOURS, greys()])).gif().toBuffer(),
  'blank.png': blankSheet,
  'book.pdf': threePages,
  'broken.pdf': () => threePages().subarray(0, 300),
  'drawing.svg': () =>
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="70"><path d="M9 9H60V50Z"/></svg>'),
  'empty.jpg': () => new Uint8Array(),
  'fax.tif': () => writeTiff([tiffPage(corner()), tiffPage(storedAs(COLOURS, 3), 3)]),
  'letter.txt': () => Buffer.from('Not an image.\n'),
  'locked.pdf': () => writePdf([letterPage()], { password: PASSWORD }),
  'old.bmp': () => writeBmp(COLOURS, { depth: 8 }),
  'paper.jp2': () => Buffer.from('0000000c6a5020200d0a870a', 'hex'),
  'photo.jpg': photo,
  'picture.avif': () => drawn(COLOURS).avif({ effort: 0 }).toBuffer(),
  'same-photo.jpg': photo,
  'shut.pdf': () => writePdf([letterPage()], { password: 'nobody knows' }),
  'stamp.webp': () =>
    drawn(quarters({ width: 27, height: 300 }))
      .webp()
      .toBuffer(),
  'till-receipt.png': () => drawn(receipt()).png().toBuffer(),
};

async function fill(stage: Stage, files: Readonly<Record<string, Make>>): Promise<void> {
  await mkdir(stage.folder.at('scans'), { recursive: true });
  for (const [name, make] of Object.entries(files)) await writeFile(stage.folder.at('scans', name), await make());
}

/** What a row says of its item, in short. */
const inShort = ({ id, page, pages, status, error }: VisionRecord) => [id, page, pages, status, error?.code ?? null];

const rowOf = (rows: readonly VisionRecord[], id: string): VisionRecord => {
  const row = rows.find((one) => one.id === id);
  if (row === undefined) throw new Error(`Expected a row for ${id}, got ${rows.map((one) => one.id).join()}`);
  return row;
};

/** Runs the built command with something on its standard input. */
async function withStdin(stage: Stage, { args, input }: { args: readonly string[]; input: Uint8Array }) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: stage.folder.path, env: { PATH: process.env.PATH } });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const rows = stdout.split('\n').filter((line) => line !== '');
  return { code: await ended, stderr, rows: rows.map((line) => visionRecordSchema.parse(JSON.parse(line))) };
}

describe('a folder of one of each', () => {
  it('gives the rows that a careful person would write', async () => {
    await using stage = await startStage({ items: 0, hosts: [{ slots: 2 }] });
    await fill(stage, OFFICE);
    await writeFile(stage.folder.at('passwords'), `wrong\n${PASSWORD}\n`);
    const flags = ['-o', 'rows.jsonl', '--password-file', 'passwords', '--dpi', '144', '--dedupe'];
    const { stderr } = await endsWith(1, stage.ocr(...flags));

    const text = await readFile(stage.folder.at('rows.jsonl'), 'utf8');
    const rows = await readRows(stage.folder.at('rows.jsonl'));
    expect(rows.map(inShort)).toEqual([
      ['animation.gif', 1, null, 'ok', null],
      ['blank.png', 1, null, 'blank', null],
      ['book.pdf#1', 1, 3, 'ok', null],
      ['book.pdf#2', 2, 3, 'blank', null],
      ['book.pdf#3', 3, 3, 'ok', null],
      ['broken.pdf', 0, null, 'failed', 'PDF_UNREADABLE'],
      ['drawing.svg', 1, null, 'ok', null],
      ['empty.jpg', 1, null, 'failed', 'IMAGE_UNREADABLE'],
      ['fax.tif#1', 1, 2, 'ok', null],
      ['fax.tif#2', 2, 2, 'ok', null],
      ['locked.pdf#1', 1, 1, 'ok', null],
      ['old.bmp', 1, null, 'ok', null],
      ['paper.jp2', 1, null, 'failed', 'IMAGE_UNSUPPORTED'],
      ['photo.jpg', 1, null, 'ok', null],
      ['picture.avif', 1, null, 'ok', null],
      ['same-photo.jpg', 1, null, 'ok', null],
      ['shut.pdf', 0, null, 'failed', 'PDF_ENCRYPTED'],
      ['stamp.webp', 1, null, 'ok', null],
      ['till-receipt.png', 1, null, 'ok', null],
    ]);
    expect(stderr).toMatch(/not images: 1 \.txt/);
    expect(`${text}${stderr}`).not.toContain(PASSWORD);

    const tiled = rowOf(rows, 'till-receipt.png').warnings.find((warning) => warning.startsWith('tiled:'));
    const tiles = Number(tiled?.slice('tiled:'.length));
    expect(tiles).toBeGreaterThan(1);
    const okOnes = rows.filter(({ status }) => status === 'ok').length;
    expect(await asksOf(stage.ollama)).toBe(okOnes - 1 /* the duplicate */ + tiles - 1);

    expect(rowOf(rows, 'animation.gif').warnings).toEqual(['first-frame-only']);
    for (const id of ['blank.png', 'book.pdf#2']) {
      const { attempts, blank_ink, text } = rowOf(rows, id);
      expect({ attempts, text: text ?? '' }).toEqual({ attempts: 0, text: '' });
      expect(blank_ink).toBeLessThan(0.01);
    }
    expect(rowOf(rows, 'book.pdf#1').image).toMatchObject({ width: 840, height: 480 }); // 420 × 240 points
    expect(rowOf(rows, 'photo.jpg').image).toMatchObject({ width: 96, height: 64, sent_width: 96, sent_height: 64 });
    expect(rowOf(rows, 'stamp.webp').image).toMatchObject({ width: 27, height: 300, sent_width: 64, sent_height: 300 });
    const { duplicate_of, text: said } = rowOf(rows, 'same-photo.jpg');
    expect({ duplicate_of, said }).toEqual({ duplicate_of: 'photo.jpg', said: rowOf(rows, 'photo.jpg').text });
    expect(rowOf(rows, 'shut.pdf').error?.message).toContain('--password-file');

    await stage.ollama.reset();
    await endsWith(1, stage.ocr(...flags));
    expect(await asksOf(stage.ollama)).toBe(0);
    expect(await readRows(stage.folder.at('rows.jsonl'))).toEqual(rows);
  });

  it('is taken by page, by text layer, by frame and by table as the flags say', async () => {
    await using stage = await startStage({ items: 0, hosts: [{ slots: 2 }] });
    const { 'blank.png': _, 'book.pdf': book = threePages, 'fax.tif': fax = threePages } = OFFICE;
    await fill(stage, { 'animation.png': animatedPng, 'book.pdf': book, 'fax.tif': fax });
    const picture = (await drawn(COLOURS).png().toBuffer()).toString('base64');
    await writeFile(stage.folder.at('list.csv'), `id,image,shelf\nA-1,"data:image/png;base64,${picture}",North\n`);
    const flags = ['--pages', '1-2', '--pdf-text', 'prefer', '--no-blank-check', '-o', 'rows.jsonl'];
    await endsWith(0, stage.cli(['ocr', 'scans', 'list.csv', ...stage.hostFlags, ...flags]));

    const rows = await readRows(stage.folder.at('rows.jsonl'));
    expect(rows.map(({ id, status, engine }) => [id, status, engine])).toEqual([
      ['A-1', 'ok', 'ollama'],
      ['scans/animation.png', 'ok', 'ollama'],
      ['scans/book.pdf#1', 'ok', 'pdf-text'],
      ['scans/book.pdf#2', 'ok', 'ollama'],
      ['scans/fax.tif#1', 'ok', 'ollama'],
      ['scans/fax.tif#2', 'ok', 'ollama'],
    ]);
    const printed = rowOf(rows, 'scans/book.pdf#1');
    expect(characterErrorRate(LETTER.join('\n'), printed.text ?? '')).toBe(0);
    expect(printed).toMatchObject({ model: null, attempts: 0 });
    expect(rowOf(rows, 'A-1').row).toMatchObject({ shelf: 'North' });
    expect(await asksOf(stage.ollama)).toBe(5);
  });
});

describe('standard input', () => {
  it('is one image, or the pages of one document', async () => {
    await using stage = await startStage({ items: 0, hosts: [{ slots: 2 }] });
    const args = ['ocr', '-', '-o', '-', ...stage.hostFlags];
    const one = await withStdin(stage, { args: [...args, '--state', 'one'], input: await photo() });
    expect(one.rows.map(inShort), one.stderr).toEqual([['stdin', 1, 1, 'ok', null]]);
    expect(one.code).toBe(0);
    const several = await withStdin(stage, { args: [...args, '--state', 'several'], input: threePages() });
    expect(several.rows.map(({ id, status }) => [id, status]).toSorted()).toEqual([
      ['stdin#1', 'ok'],
      ['stdin#2', 'blank'],
      ['stdin#3', 'ok'],
    ]);
  });
});

describe('the built-in OCR', () => {
  it('reads a PDF, a fax and a photo that lies on its side with at most 2 wrong characters in 100', async () => {
    await using stage = await startStage({ items: 0 });
    const fax = sharp(await note())
      .greyscale()
      .threshold(128)
      .toColourspace('b-w');
    await fill(stage, {
      'fax.tif': () => fax.tiff({ bitdepth: 1, compression: 'ccittfax4' }).toBuffer(),
      'letter.pdf': () => writePdf([letterPage()]),
      'photo.jpg': () => readFile(path.join(EXAMPLES, 'photo-of-a-page.jpg')),
    });
    await endsWith(0, stage.cli(['ocr', 'scans', '--host', 'cpu,slots=2', '-o', 'rows.jsonl']));
    const rows = await readRows(stage.folder.at('rows.jsonl'));
    const truths = JSON.parse(await readFile(path.join(EXAMPLES, '../documents.json'), 'utf8'));
    const errors = [
      characterErrorRate(truths['note.webp'], rowOf(rows, 'fax.tif').text ?? ''),
      characterErrorRate(LETTER.join('\n'), rowOf(rows, 'letter.pdf#1').text ?? ''),
      characterErrorRate(truths['photo-of-a-page.jpg'], rowOf(rows, 'photo.jpg').text ?? ''),
    ];
    for (const rate of errors) expect(rate).toBeLessThanOrEqual(0.02);
  });
});
