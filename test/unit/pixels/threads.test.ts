import { afterEach, describe, expect, it } from 'vitest';
import { createPixels, type Pixels, type PixelsOptions } from '../../../src/pixels/prepare.js';
import { createThreads } from '../../../src/pixels/threads/pool.js';
import { somePixels } from '../../support/builders.js';
import { endlessForms, line, pdf } from './formats/pdfs.js';

const opened: Pixels[] = [];
afterEach(async () => {
  for (const pixels of opened.splice(0)) await pixels.close();
});

function open(options: Partial<PixelsOptions> = {}): Pixels {
  const pixels = createPixels({ threads: 1, maxInputPixels: 4_000_000, decodes: 1, ...options });
  opened.push(pixels);
  return pixels;
}

const GOOD = pdf([{ content: line('A page that anybody can draw') }]);
const ENDLESS = pdf([{ content: '/X Do' }], { objects: endlessForms() });

describe('a decode', () => {
  it('that takes too long is given up, and the next one has a thread', async () => {
    const pixels = open({ decodeTimeoutMs: 3000 });
    await expect(pixels.prepareImage({ bytes: ENDLESS, page: 1 }, somePixels())).rejects.toMatchObject({
      code: 'PDF_UNREADABLE',
      sentence: expect.stringMatching(/page 1 of the PDF took longer than 3 s/),
    });
    await expect(pixels.pagesOf(GOOD, { frames: 'first' })).resolves.toBe(1);
  });

  it('whose thread dies fails alone, by name', async () => {
    const threads = createThreads({ threads: 1, timeoutMs: 20_000, heapMb: 24 });
    const passwords = Array.from({ length: 400_000 }, (_, index) => `${index}`.padStart(100)); // more than the heap holds
    const document = { id: 1, bytes: new Uint8Array(GOOD), passwords };
    await expect(threads.decode({ kind: 'pdf-pages', document })).rejects.toMatchObject({
      code: 'PDF_UNREADABLE',
      sentence: expect.stringMatching(/broke down over the PDF.*memory/),
    });
    await expect(threads.decode({ kind: 'pdf-pages', document: { ...document, passwords: [] } })).resolves.toEqual({
      kind: 'pages',
      pages: 1,
    });
    await threads.close();
  });

  it('waits for a thread without its time running', async () => {
    const pixels = open({ decodeTimeoutMs: 5000 });
    const texts = await Promise.all(
      Array.from({ length: 20 }, () =>
        pixels.textOf({ bytes: pdf([{ content: line('Twenty of these, one thread') }]), page: 1 }),
      ),
    );
    expect(new Set(texts)).toEqual(new Set(['Twenty of these, one thread']));
  });

  it('under way fails when the threads are closed, and no later one begins', async () => {
    const pixels = open();
    const waiting = expect(pixels.prepareImage({ bytes: ENDLESS, page: 1 }, somePixels())).rejects.toMatchObject({
      code: 'UNEXPECTED', // and not that the file is bad
    });
    await pixels.pagesOf(GOOD, { frames: 'first' }).catch(() => {});
    await pixels.close();
    await waiting;
    await expect(pixels.pagesOf(GOOD, { frames: 'first' })).rejects.toThrow(/closed/);
  });

  it('of more than the memory it may take is refused before it begins', async () => {
    const header = Buffer.alloc(70);
    header.write('BM');
    header.writeUInt32LE(54, 10);
    header.writeUInt32LE(40, 14);
    header.writeInt32LE(2000, 18);
    header.writeInt32LE(2000, 22);
    header.writeUInt16LE(24, 28);
    await expect(open({ maxDecodeMb: 8 }).prepareImage({ bytes: header, page: 1 }, somePixels())).rejects.toMatchObject(
      {
        code: 'IMAGE_TOO_LARGE',
        sentence: expect.stringMatching(/2000 × 2000 pixels; 2097152 pixels/),
      },
    );
  });
});
