import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerRules } from '../../../jobs/tasks/reading.js';
import { FRESH_CARRY, type Outcome, visionJob } from '../../../jobs/vision-job.js';
import type { Ask, ModelAnswer, ModelRequest } from '../../../src/core/ask.js';
import { VisionError } from '../../../src/core/errors.js';
import { fingerprint } from '../../../src/core/fingerprint.js';
import type { Item, PageBytes } from '../../../src/core/item.js';
import type { VisionRecord } from '../../../src/core/record.js';
import { SiteAtRest } from '../../../src/inputs/urls/url-failures.js';
import { createPixels, type Pixels } from '../../../src/pixels/prepare.js';
import type { AskHost } from '../../../workers/hosts/asker.js';
import { serveItem, type VisionWorkerOptions } from '../../../workers/vision-worker.js';
import { anAsk, anItem, aReader, somePixels } from '../../support/builders.js';
import { tinyPng } from '../../support/images.js';

const PAGE = await tinyPng(1, 800);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('an item on its way through a host', () => {
  it("takes of the item's time what the asker says, not the wait in its queue", async () => {
    const outcome = await serve(async (_, { onSpent }) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      onSpent(7.4);
      throw new VisionError('ANSWER_STALLED', 'No token came.');
    });
    expect(outcome).toMatchObject({ handBack: { reason: 'ANSWER_STALLED' }, carry: { spentMs: 7 } });
  });

  it('measures a time where the clock is set back meanwhile', async () => {
    const outcome = await serve(async () => {
      const nowMs = Date.now();
      vi.spyOn(Date, 'now').mockReturnValue(nowMs - 3_600_000);
      return answer('Hello');
    });
    if (!('record' in outcome)) throw new Error('Expected a record');
    expect(outcome.record.timing_ms.total).toBeGreaterThanOrEqual(0);
    expect(outcome.attempts[0]?.ms).toBeGreaterThanOrEqual(0);
  });

  it('goes back as it was when its request is aborted from outside', async () => {
    const leaving = new AbortController();
    const outcome = await serve(
      async () => {
        leaving.abort();
        throw leaving.signal.reason;
      },
      { signal: leaving.signal },
    );
    expect(outcome).toMatchObject({ handBack: { reason: 'HOST_BUSY' }, carry: { attempts: [] } });
  });

  it.each([
    [2_500, 2_500],
    [240_000, 30_000],
  ])('is put off uncounted where its site wants %i ms of rest, for %i ms', async (waitMs, delayMs) => {
    const atRest = aReader(() => Promise.reject(new SiteAtRest('h', waitMs)));
    const outcome = await serve(new Model([]).ask, atRest);
    expect(outcome).toEqual({ handBack: { reason: 'URL_FETCH', delayMs }, carry: FRESH_CARRY });
  });
});

describe('a page that loops', () => {
  it('is asked with a penalty, then in halves, then smaller, and is looped with its best text after the last', async () => {
    const model = new Model([LOOPED, LOOPED, LOOPED, LOOPED]);
    const record = recordOf(await serve(model.ask));
    expect(record).toMatchObject({ status: 'looped', text: 'The head of the page', attempts: 4, warnings: [] });
    const [first, penalty, half, smaller] = model.requests;
    expect(first?.options).toMatchObject({ temperature: 0, repeatPenalty: null });
    expect(penalty?.options).toMatchObject({ temperature: 0.2, repeatPenalty: 1.15 });
    expect(half?.images[0]?.height).toBe(440);
    expect(half?.options).toMatchObject({ temperature: 0, repeatPenalty: null });
    expect(smaller?.images[0]).toMatchObject({ width: 565, height: 565 });
  });

  it('is ok, and says that it was rescued, when its halves can be read: their texts are joined', async () => {
    const upper = ['one line', 'another line', 'the line in the middle'];
    const lower = ['the line in the middle', 'the last but one', 'the last line'];
    const model = new Model([LOOPED, LOOPED, answer(upper.join('\n')), answer(lower.join('\n'))]);
    const outcome = await serve(model.ask);
    expect(recordOf(outcome)).toMatchObject({
      status: 'ok',
      text: [...upper, ...lower.slice(1)].join('\n'),
      warnings: ['rescued:halves'],
      attempts: 3,
      tokens: { prompt: 20, output: 10 },
    });
    expect('attempts' in outcome && outcome.attempts.map(({ change, code }) => [change, code])).toEqual([
      [null, 'ANSWER_LOOPED'],
      ['penalty', 'ANSWER_LOOPED'],
      ['halves', null],
    ]);
  });

  it('is no better than its worse half', async () => {
    const model = new Model([LOOPED, LOOPED, answer('the upper half'), { ...answer('the low'), end: 'length' }]);
    const record = recordOf(await serve(model.ask, { attempts: 3 }));
    expect(record).toMatchObject({ status: 'truncated', text: 'the upper half\nthe low' });
  });
});

describe('an image that is made smaller', () => {
  it('stays smaller in the halves that follow', async () => {
    const tooLong = new VisionError('CONTEXT_EXCEEDED', 'Too many tokens.');
    const model = new Model([tooLong, LOOPED, LOOPED, answer('upper'), answer('lower')]);
    const record = recordOf(await serve(model.ask, { attempts: 5 }));
    expect(record.warnings).toEqual(['rescued:smaller', 'rescued:halves']);
    expect(model.requests.map(({ images }) => images[0]?.width)).toEqual([800, 565, 565, 565, 565]);
  });

  it('is the canvas, where a group is stitched', async () => {
    const ask = anAsk({ task: 'compare', taskName: 'compare', form: { kind: 'text' }, stitch: true });
    const item = { sources: ['a.png', 'b.png'].map((path) => ({ root: 'scans', path })) };
    const model = new Model([new VisionError('CONTEXT_EXCEEDED', 'Too many tokens.'), answer('They differ.')]);
    const record = recordOf(await serve(model.ask, { ask, item }));
    const [whole = 0, smaller = 0] = model.requests.map(({ images }) => images[0]?.width);
    expect(smaller / whole).toBeCloseTo(Math.SQRT1_2, 2);
    expect(record).toMatchObject({ status: 'ok', image: [{ sent_width: expect.any(Number) }, {}] });
  });
});

describe('a conversation', () => {
  const questions = ['What is it?', 'What colour is it?', 'Is it old?'];
  const ask = anAsk({
    task: 'ask',
    taskName: 'ask',
    prompt: 'What is it?',
    form: { kind: 'answers', questions },
  });

  it('sends every question with all answers before it, and the image with each', async () => {
    const model = new Model([answer('A chair.'), answer('Red.'), answer('Yes.')]);
    const record = recordOf(await serve(model.ask, { ask }));
    expect(record.answers).toEqual(
      questions.map((question, at) => ({ question, text: ['A chair.', 'Red.', 'Yes.'][at] })),
    );
    expect(record).toMatchObject({ status: 'ok', text: null, attempts: 3 });
    expect(model.requests.map(({ images }) => images.length)).toEqual([1, 1, 1]);
    expect(model.requests[2]?.messages.map(({ role, text }) => `${role}: ${text}`)).toEqual([
      'user: What is it?',
      'assistant: A chair.',
      'user: What colour is it?',
      'assistant: Red.',
      'user: Is it old?',
    ]);
  });

  it('keeps the answers it has when a follow-up fails, and takes its status', async () => {
    const empty = answer('');
    const model = new Model([answer('A chair.'), empty, empty, empty, empty]);
    const record = recordOf(await serve(model.ask, { ask }));
    expect(record).toMatchObject({
      status: 'empty',
      error: { code: 'ANSWER_EMPTY' },
      answers: [{ question: 'What is it?', text: 'A chair.' }],
    });
  });

  it('goes on on another host where it stopped', async () => {
    const model = new Model([answer('A chair.'), new VisionError('HOST_UNREACHABLE', 'Gone.')]);
    const outcome = await serve(model.ask, { ask });
    if (!('handBack' in outcome)) throw new Error('Expected a hand-back');
    const elsewhere = new Model([answer('Red.'), answer('Yes.')]);
    const record = recordOf(await serve(elsewhere.ask, { ask, carry: outcome.carry }));
    expect(record.answers?.map(({ text }) => text)).toEqual(['A chair.', 'Red.', 'Yes.']);
    expect(elsewhere.requests).toHaveLength(2);
  });
});

describe('an answer that breaks its schema', () => {
  const schema = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };
  const ask = anAsk({ task: 'extract', taskName: 'extract', form: { kind: 'data', schema, columns: null } });

  it('goes back to the model with what is wrong with it', async () => {
    const model = new Model([answer('{"total":"12"}'), answer('{"total":12}')]);
    const record = recordOf(await serve(model.ask, { ask }));
    expect(record).toMatchObject({ status: 'ok', data: { total: 12 }, warnings: ['rescued:complaint'] });
    const [, , bad, complaint] = [undefined, ...(model.requests[1]?.messages ?? [])];
    expect(bad).toEqual({ role: 'assistant', text: '{"total":"12"}' });
    expect(complaint).toMatchObject({ role: 'user', text: expect.stringContaining('total') });
    expect(model.requests.every((request) => request.schema !== null)).toBe(true);
  });

  it('is invalid after the last try, with the raw text kept', async () => {
    const model = new Model(Array.from({ length: 4 }, () => answer('{"total":"12"}')));
    expect(recordOf(await serve(model.ask, { ask }))).toMatchObject({
      status: 'invalid',
      text: '{"total":"12"}',
      data: null,
    });
  });
});

describe('a second reading', () => {
  it('goes into the record and changes no status', async () => {
    const verification = { agreement: 0.1, missing: ['not'], added: ['hello'] };
    const verify = async () => ({ verification, warnings: ['not-confirmed'] });
    const record = recordOf(await serve(new Model([answer('Hello')]).ask, { verify }));
    expect(record).toMatchObject({ status: 'ok', verify: verification, warnings: ['not-confirmed'] });
  });
});

describe('a page that needs no model', () => {
  const pixels = createPixels({ threads: 1, maxInputPixels: 10_000_000 });
  const blankCheck = anAsk({ pixels: somePixels({ blankCheck: true }) });

  it('is blank where it has no ink, and says how much of it is', async () => {
    const bytes = await sharp({ create: { width: 300, height: 400, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const model = new Model([]);
    const item = { page: 3, pages: 9 };
    const record = recordOf(await serve(model.ask, { ask: blankCheck, item, ...readerOfBytes(bytes) }));
    expect(record).toMatchObject({
      ...{ status: 'blank', text: '', attempts: 0, host: null, error: null, warnings: [] },
      ...{ page: 3, pages: 9, blank_ink: 0 },
    });
  });

  it('is asked about where there is ink, or nobody wants to know', async () => {
    const [checked, unchecked] = [new Model([answer('Hello')]), new Model([answer('Hello')])];
    expect(recordOf(await serve(checked.ask, { ask: blankCheck })).blank_ink).toBeGreaterThan(0.01);
    expect(recordOf(await serve(unchecked.ask)).blank_ink).toBeNull();
  });

  it('is ok by its own text where that is preferred', async () => {
    const pages = { ...pixels, textOf: async ({ page }: PageBytes) => (page === 2 ? 'What it says' : null) };
    const ask = anAsk({ pdfText: 'prefer' });
    const item = { page: 2, pages: 2 };
    const record = recordOf(await serve(new Model([]).ask, { ask, item, pixels: pages }));
    expect(record).toMatchObject({
      ...{ status: 'ok', text: 'What it says', engine: 'pdf-text', model: null, model_digest: null },
      ...{ attempts: 0, host: null, page: 2, pages: 2 },
    });
    const other = recordOf(await serve(new Model([answer('Hello')]).ask, { ask, pixels: pages }));
    expect(other).toMatchObject({ engine: 'ollama', text: 'Hello' });
    const ignored = recordOf(await serve(new Model([answer('Hello')]).ask, { item, pixels: pages }));
    expect(ignored).toMatchObject({ engine: 'ollama', text: 'Hello' });
  });
});

describe('a page too long to be read whole', () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const receipt = sharp({ create: { width: 100, height: 3_000, channels: 3, background: '#eee', noise } });

  it('is sent in tiles, one request each, whose texts are joined', async () => {
    const bytes = await receipt.clone().png().toBuffer();
    const model = new Model(Array.from({ length: 12 }, (_, at) => answer(`line ${at}\nline ${at + 1}`)));
    const record = recordOf(await serve(model.ask, readerOfBytes(bytes)));
    const tiles = model.requests.length;
    expect(tiles).toBeGreaterThan(1);
    expect(record.warnings).toEqual([`tiled:${tiles}`]);
    expect(record.text?.split('\n')).toEqual(Array.from({ length: tiles + 1 }, (_, at) => `line ${at}`));
    expect(Math.max(...model.requests.map(({ images }) => images[0]?.height ?? 0))).toBeLessThan(3_000);
  });

  it('says so where its tiles were not read alike', async () => {
    const bytes = await receipt.clone().png().toBuffer();
    const model = new Model(Array.from({ length: 12 }, (_, at) => answer(`nothing like ${'x'.repeat(at)}`)));
    const { warnings } = recordOf(await serve(model.ask, readerOfBytes(bytes)));
    expect(warnings).toContain('tiles-not-joined');
  });

  it('is not cut again into halves when a tile fails', async () => {
    const bytes = await receipt.clone().png().toBuffer();
    const model = new Model(Array.from({ length: 60 }, () => LOOPED));
    const outcome = await serve(model.ask, { ...readerOfBytes(bytes), attempts: 4 });
    expect(recordOf(outcome).status).toBe('looped');
    expect('attempts' in outcome && outcome.attempts.map(({ change }) => change)).not.toContain('halves');
  });
});

describe('a source of several pages', () => {
  it('is read by the reader that keeps it, and any other by the plain one', async () => {
    const opened: string[] = [];
    const reader = (name: string) => async () => {
      opened.push(name);
      return { bytes: PAGE, size: PAGE.length, mtimeMs: 0 };
    };
    const readers = { open: reader('open'), openPages: reader('openPages') };
    for (const item of [{ page: 2, pages: 3 }, { page: 1, pages: 1 }, {}]) {
      await serve(new Model([answer('Hello')]).ask, { ...readers, item, pixels: ANY_PAGE });
    }
    expect(opened).toEqual(['openPages', 'open', 'open']);
  });
});

describe('a source that discovery saw', () => {
  const seen = [{ size: PAGE.length, mtimeMs: 5 }];
  const pages = { page: 2, pages: 3 };
  const reading = (mtimeMs: number) => aReader(async () => ({ bytes: PAGE, size: PAGE.length, mtimeMs }));
  const recordWith = async (changes: Serving) =>
    recordOf(await serve(new Model([answer('Hello')]).ask, { pixels: ANY_PAGE, ...changes }));

  it('has the pages that were counted where it is read as it was seen; else nobody knows how many', async () => {
    expect(await recordWith({ item: { ...pages, seen }, ...reading(5) })).toMatchObject({ status: 'ok', pages: 3 });
    expect(await recordWith({ item: { ...pages, seen }, ...reading(6) })).toMatchObject({ status: 'ok', pages: null });
    const unseen = [{ size: null, mtimeMs: null }];
    expect(await recordWith({ item: { ...pages, seen: unseen }, ...reading(6) })).toMatchObject({ pages: 3 });
  });

  it('has a row of that version where it cannot be read: any other version is asked', async () => {
    const failing = aReader(() => Promise.reject(new VisionError('IMAGE_UNREADABLE', 'It kept changing.')));
    expect(await recordWith({ item: { seen }, ...failing })).toMatchObject({
      status: 'failed',
      source_bytes: PAGE.length,
      source_mtime: '1970-01-01T00:00:00.005Z',
    });
  });

  it('is said to want the password of the worker where it was counted with it', async () => {
    const locked = { ...ANY_PAGE, prepareImage: () => Promise.reject(new VisionError('PDF_ENCRYPTED', 'Locked.')) };
    const { error } = await recordWith({ item: { ...pages, seen }, ...reading(5), pixels: locked });
    expect(error?.message).toMatch(/^A worker has no password .* --password-file/);
    expect((await recordWith({ ...reading(5), pixels: locked })).error?.message).toBe('Locked.');
  });
});

/** Takes every page for the first one. */
const ANY_PAGE: Pixels = (() => {
  const pixels = createPixels({ threads: 1, maxInputPixels: 10_000_000 });
  const first = ({ bytes }: PageBytes): PageBytes => ({ bytes, page: 1 });
  return { ...pixels, prepareImage: (page, settings) => pixels.prepareImage(first(page), settings) };
})();

function readerOfBytes(bytes: Uint8Array) {
  return aReader(async () => ({ bytes, size: bytes.length, mtimeMs: 0 }));
}

const LOOPED = new VisionError('ANSWER_LOOPED', 'It repeated itself.', { partialText: 'The head of the page' });

function answer(text: string): ModelAnswer {
  return {
    text,
    end: 'complete',
    tokens: { prompt: 10, output: 5 },
    timingMs: { load: 0, prompt: 0, generate: 0 },
    confidence: null,
  };
}

/** Answers what it is told to, in order, and keeps what it was asked. */
class Model {
  readonly requests: ModelRequest[] = [];
  readonly #answers: (ModelAnswer | VisionError)[];

  constructor(answers: readonly (ModelAnswer | VisionError)[]) {
    this.#answers = [...answers];
  }

  readonly ask: AskHost = async (request) => {
    this.requests.push(request);
    const next = this.#answers.shift();
    if (next === undefined) throw new Error('Expected no further request');
    if (next instanceof VisionError) throw next;
    return next;
  };
}

interface Serving extends Partial<VisionWorkerOptions> {
  readonly ask?: Ask;
  readonly item?: Partial<Item>;
  readonly carry?: NonNullable<ReturnType<typeof visionJob>['carry']>;
  readonly signal?: AbortSignal;
}

function serve(askHost: AskHost, changes: Serving = {}): Promise<Outcome> {
  const { ask = anAsk(), carry, item, signal = new AbortController().signal, ...options } = changes;
  const job = visionJob('run', fingerprint(ask), anItem(item));
  return serveItem(
    carry === undefined ? job : { ...job, carry },
    { signal, queuedMs: 0 },
    {
      record: { ask, fingerprint: fingerprint(ask), digest: null },
      rulesOf: answerRules(ask, null),
      host: 'here',
      attempts: 4,
      itemMs: 1_000,
      numCtx: 8192,
      wantsConfidence: false,
      ...aReader(async () => ({ bytes: PAGE, size: PAGE.length, mtimeMs: 0 })),
      pixels: createPixels({ threads: 1, maxInputPixels: 10_000_000 }),
      askHost,
      verify: null,
      othersAnswer: () => true,
      ...options,
    },
  );
}

function recordOf(outcome: Outcome): VisionRecord {
  if (!('record' in outcome)) throw new Error(`Expected a record, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}
