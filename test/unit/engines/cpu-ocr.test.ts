import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ModelAnswer, ModelRequest } from '../../../src/core/ask.js';
import { type CpuOcrOptions, createCpuOcrEngine } from '../../../src/engines/cpu-ocr/engine.js';
import { findLanguagePackage } from '../../../src/engines/cpu-ocr/languages.js';
import { OcrThread } from '../../../src/engines/cpu-ocr/thread.js';
import type { Engine } from '../../../src/engines/engine.js';
import { characterErrorRate } from '../../support/zoo/reading.js';

const EXAMPLES = new URL('../../../examples/', import.meta.url);
const NEVER = new AbortController().signal;

const engines: Engine[] = [];
const shared = createCpuOcrEngine({ slots: 2, lang: 'eng' });

function anEngine(options: Partial<CpuOcrOptions> = {}): Engine {
  const engine = createCpuOcrEngine({ slots: 1, lang: 'eng', ...options });
  engines.push(engine);
  return engine;
}

function aRequest(bytes: Uint8Array, lang = 'eng'): ModelRequest {
  return {
    model: null,
    profile: { family: 'unknown', imagePlacement: 'before', rendered: false, maxImages: 1 },
    system: null,
    messages: [],
    images: [{ bytes, width: 1, height: 1 }],
    lang,
    schema: null,
    options: { temperature: 0, maxTokens: 4096, seed: null, repeatPenalty: null, stop: [], extra: {} },
    numCtx: 8192,
    wantsConfidence: true,
  };
}

/** An example as the pixels station hands it over: upright and on white. */
async function example(file: string): Promise<Uint8Array> {
  const bytes = await readFile(new URL(`documents/${file}`, EXAMPLES));
  return await sharp(bytes).autoOrient().flatten({ background: '#fff' }).png().toBuffer();
}

async function read(engine: Engine, bytes: Uint8Array, options: { lang?: string; signal?: AbortSignal } = {}) {
  const texts: string[] = [];
  let answer: ModelAnswer | undefined;
  for await (const delta of engine.ask(aRequest(bytes, options.lang), options.signal ?? NEVER)) {
    if ('text' in delta) texts.push(delta.text);
    else answer = delta.answer;
  }
  return { texts, answer };
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});
afterAll(() => shared.close());

describe('the built-in OCR reads the examples', async () => {
  const expected = JSON.parse(await readFile(new URL('documents.json', EXAMPLES), 'utf8')) as Record<
    string,
    string | null
  >;
  const readable = Object.entries(expected).filter((entry): entry is [string, string] => entry[1] !== null);

  it.concurrent.each(readable)(
    '%s with at most 5 wrong characters in 100',
    async (file, truth) => {
      const { texts, answer } = await read(shared, await example(file));
      expect(characterErrorRate(truth, answer?.text ?? '')).toBeLessThanOrEqual(0.05);
      expect(texts).toEqual([answer?.text]);
      expect(answer).toMatchObject({ end: 'complete', confidence: null, tokens: { prompt: null, output: null } });
    },
    60_000,
  ); // all wait for two threads at once
});

describe('the built-in OCR', () => {
  it('says of an empty page that it is blank, and of no other', async () => {
    const empty = await read(shared, await example('empty-page.png'));
    const note = await read(shared, await example('note.webp'));
    expect(empty.answer).toMatchObject({ text: '', blank: true });
    expect(note.answer).not.toHaveProperty('blank');
  });

  it('has no models, needs no host and serves only ocr', async () => {
    expect(await shared.visionModels(NEVER)).toEqual([]);
    expect(await shared.probe(NEVER)).toBe(true);
    expect([...shared.tasks]).toEqual(['ocr']);
    expect(shared.generates).toBe(false);
    expect(await shared.describeModel(null, NEVER)).toBeNull();
    expect(await shared.preflight(null, NEVER)).toEqual({
      version: 'tesseract.js 7.0.0',
      digest: null,
      remote: null,
      singleParallel: false,
      model: null,
      warnings: [],
    });
  });

  it.each([0, 2])('refuses %i images in one question', async (count) => {
    const request = aRequest(new Uint8Array());
    const images = Array.from({ length: count }, () => ({ bytes: new Uint8Array(), width: 1, height: 1 }));
    const reading = shared
      .ask({ ...request, images }, NEVER)
      [Symbol.asyncIterator]()
      .next();
    await expect(reading).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
  });

  it('refuses a language whose data is not installed at once, with the line that installs it', async () => {
    const engine = anEngine({ lang: 'eng+tlh' });
    const missing = { code: 'MODEL_MISSING', sentence: expect.stringContaining('npm install @tesseract.js-data/tlh') };
    await expect(engine.preflight(null, NEVER)).rejects.toMatchObject(missing);
    await expect(preload(engine)).rejects.toMatchObject(missing);
    await expect(read(engine, await example('note.webp'), { lang: 'eng+tlh' })).rejects.toMatchObject(missing);
  });

  it('never makes a path of a language', async () => {
    await expect(anEngine({ lang: '../eng' }).preflight(null, NEVER)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });

  it('loads several languages from their packages', async () => {
    const engine = anEngine({ lang: 'eng+enx', findLanguage: () => findLanguagePackage('eng') });
    await preload(engine);
    const { answer } = await read(engine, await example('note.webp'), { lang: 'eng+enx' });
    expect(answer?.text).toContain('the plumber comes at 4.');
  });

  it('reads another language than the one it was started with when a run asks for it', async () => {
    const engine = anEngine({ findLanguage: () => findLanguagePackage('eng') });
    await preload(engine);
    const { answer } = await read(engine, await example('note.webp'), { lang: 'enx' });
    expect(answer?.text).toContain('the plumber comes at 4.');
  });

  it('gives up starting after the load time', async () => {
    const options = { model: null, numCtx: 8192, loadTimeoutMs: 1, signal: NEVER };
    await expect(anEngine().preload(options)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
  });

  it('fails only the image that cannot be decoded, and reads the next one on the same thread', async () => {
    const engine = anEngine();
    await expect(read(engine, Buffer.from('no image'))).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    expect((await read(engine, await example('note.webp'))).answer?.text).toContain('Anna');
  });

  it('frees the slot of an aborted image at once, and drops the one that waited', async () => {
    const engine = anEngine();
    await preload(engine);
    const [letter, note] = [await example('letter.png'), await example('note.webp')];
    const stop = new AbortController();
    const reading = read(engine, letter, { signal: stop.signal });
    const waiting = read(engine, letter, { signal: stop.signal });
    const next = read(engine, note);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: 'HOST_BUSY' });
    await expect(waiting).rejects.toMatchObject({ code: 'HOST_BUSY' });
    expect((await next).answer?.text).toContain('Anna');
  });

  it('fails what is in hand and what waits when it is closed', async () => {
    const engine = anEngine();
    const letter = await example('letter.png');
    const both = Promise.allSettled([read(engine, letter), read(engine, letter)]);
    await engine.close();
    expect(await both).toMatchObject([
      { status: 'rejected', reason: { code: 'HOST_CRASHED' } },
      { status: 'rejected', reason: { code: 'HOST_CRASHED' } },
    ]);
  });
});

describe('an OCR thread', () => {
  it.each([
    ['ends', 'process.exit(3)'],
    ['throws', 'setImmediate(() => { throw new Error("out of memory") })'],
    ['is rejected by its WASM code', 'reply("reject", "RuntimeError: memory access out of bounds")'],
  ])('that %s fails its image with HOST_CRASHED and takes no other', async (_, crash) => {
    await using thread = await threadRunning(crash);
    await expect(thread.recognize(new Uint8Array(1))).rejects.toMatchObject({ code: 'HOST_CRASHED' });
    expect(thread.alive).toBe(false);
    await expect(thread.recognize(new Uint8Array(1))).rejects.toMatchObject({ code: 'HOST_CRASHED' });
  });

  it('does not take an image that never fitted into memory for a blank page', async () => {
    await using thread = await threadRunning('reply("resolve", { text: "", tsv: "" })');
    await expect(thread.recognize(new Uint8Array(1))).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    expect(thread.alive).toBe(true);
  });

  it('keeps to itself what Tesseract writes to stderr', async () => {
    const script = 'process.stderr.write("Error in pixReadStream"); reply("resolve", { text: "", tsv: "1" })';
    await using thread = await threadRunning(script);
    const written: string[] = [];
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (chunk: string | Uint8Array) => written.push(String(chunk)) > 0;
    try {
      await thread.recognize(new Uint8Array(1));
      await thread.recognize(new Uint8Array(1));
    } finally {
      process.stderr.write = write;
    }
    expect(written).toEqual([]);
  });
});

function preload(engine: Engine) {
  return engine.preload({ model: null, numCtx: 8192, loadTimeoutMs: 60_000, signal: NEVER });
}

/** A real thread whose script does this with every message. */
async function threadRunning(body: string): Promise<OcrThread & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'visionbatch-thread-'));
  const script = join(folder, 'script.cjs');
  await writeFile(
    script,
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', ({ jobId }) => {
       const reply = (status, data) => parentPort.postMessage({ jobId, status, data });
       ${body};
     });`,
  );
  const thread = new OcrThread(script);
  return Object.assign(thread, {
    [Symbol.asyncDispose]: async () => {
      await thread.terminate();
      await rm(folder, { recursive: true });
    },
  });
}
