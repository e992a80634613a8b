import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ModelAnswer } from '../../../../src/core/ask.js';
import { VisionError } from '../../../../src/core/errors.js';
import type { Delta } from '../../../../src/engines/engine.js';
import { type AskWithinOptions, askWithin, type TextGuard } from '../../../../src/engines/guard/ask-within.js';
import { REAL_TIMERS } from '../../../../src/engines/guard/timers.js';
import { FakeTimers } from './fake-timers.js';

const BUDGETS = { firstTokenMs: 600, silenceMs: 60, itemMs: 1_200 };

describe('an answer within its limits', () => {
  it('is returned whole, with what came on the way reported', async () => {
    const { timers, model, run, seen } = scene();
    const answer = run();
    await timers.pass(100);
    model.say('Hel');
    await timers.pass(50);
    model.say('lo');
    model.finish('Hello');
    expect(await answer).toMatchObject({ text: 'Hello', end: 'complete' });
    expect(seen).toEqual({ firstTokenMs: [100], deltas: 3, tookMs: [150] });
  });

  it('stalls when no first token comes in time, and its connection is closed', async () => {
    const { timers, model, run } = scene();
    const failed = expect(run()).rejects.toMatchObject({ code: 'ANSWER_STALLED', fate: 'retry', partialText: '' });
    await timers.pass(599);
    expect(model.signal?.aborted).toBe(false);
    await timers.pass(1);
    await failed;
    expect(model.signal?.aborted).toBe(true);
  });

  it('stalls when it falls silent, and keeps the text so far', async () => {
    const { timers, model, run } = scene();
    const failed = expect(run()).rejects.toMatchObject({ code: 'ANSWER_STALLED', partialText: 'one two ' });
    for (const word of ['one ', 'two ']) {
      model.say(word);
      await timers.pass(59);
    }
    expect(model.signal?.aborted).toBe(false);
    await timers.pass(1);
    await failed;
    expect(model.signal?.aborted).toBe(true);
  });

  it('counts a thought as a sign of life', async () => {
    const { timers, model, run } = scene();
    const answer = run();
    for (let i = 0; i < 10; i += 1) {
      model.say('');
      await timers.pass(50);
    }
    model.finish('done');
    expect(await answer).toMatchObject({ text: 'done' });
  });

  it("ends when the item's time is over, however lively it is", async () => {
    const { timers, model, run } = scene();
    const failed = expect(run()).rejects.toMatchObject({
      code: 'ITEM_TIMEOUT',
      fate: 'fail',
      partialText: 'a'.repeat(40),
    });
    for (let i = 0; i < 40; i += 1) {
      model.say('a');
      await timers.pass(30);
    }
    await failed;
  });

  it('costs no time while it waits in the queue of the host', async () => {
    const { timers, model, run, start, seen } = scene({ started: false });
    const answer = run();
    await timers.pass(10_000);
    await start();
    await timers.pass(599);
    model.say('x');
    model.finish('x');
    expect(await answer).toMatchObject({ end: 'complete' });
    expect(seen).toMatchObject({ firstTokenMs: [599], tookMs: [599] });
  });

  it('is timed from its sending where it comes before its turn', async () => {
    const { timers, model, run, start, seen } = scene({ started: false });
    const answer = run();
    await timers.pass(700);
    model.say('early');
    await timers.pass(30);
    await start(); // too late to start a first-token clock
    expect(seen.firstTokenMs).toEqual([700]);
    expect(timers.pending).toBe(2); // silence and item
    model.finish('early');
    await answer;
  });

  it.each([
    ['ends', (model: Model) => model.finish('x')],
    ['fails', (model: Model) => model.fail(new VisionError('HOST_CRASHED', 'gone'))],
  ])('leaves no timer and no listener when it %s', async (_, end) => {
    const outer = new AbortController();
    const { timers, model, run } = scene({ signal: outer.signal });
    const settled = run().catch((error: unknown) => error);
    await timers.pass(1);
    model.say('a');
    await timers.pass(1);
    end(model);
    await settled;
    expect(timers.pending).toBe(0);
    expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
  });

  it('starts no timer when its turn comes after its end', async () => {
    const { timers, model, run, start } = scene({ started: false });
    const answer = run();
    await timers.pass(1);
    model.finish('x');
    await answer;
    await start();
    expect(timers.pending).toBe(0);
  });

  it("passes the caller's reason on and closes the connection", async () => {
    const outer = new AbortController();
    const { timers, model, run } = scene({ signal: outer.signal });
    const reason = new Error('second Ctrl-C');
    const failed = expect(run()).rejects.toBe(reason);
    await timers.pass(1);
    outer.abort(reason);
    await failed;
    expect(model.signal?.aborted).toBe(true);
  });

  it('asks nothing when the caller has left already', async () => {
    const { model, run, seen } = scene({ signal: AbortSignal.abort(new Error('left')) });
    await expect(run()).rejects.toThrow('left');
    expect(seen.tookMs).toEqual([]);
    expect(model.signal).toBeNull();
  });

  it('ends as looped as soon as its guard says so, keeping what the guard would keep, and closes the connection', async () => {
    const { model, run } = scene({ guard: guardOf({ loopsAt: 'no no no ' }) });
    const failed = expect(run()).rejects.toMatchObject({ code: 'ANSWER_LOOPED', fate: 'retry', partialText: 'no ' });
    for (const word of ['no ', 'no ', 'no ', 'no ']) model.say(word);
    await failed;
    expect(model.signal?.aborted).toBe(true);
  });

  it('is looped where it was cut while it repeated itself, and stays what it is where it ended by itself', async () => {
    for (const [end, expected] of [
      ['cut', { end: 'looped', text: 'no ' }],
      ['length', { end: 'looped', text: 'no ' }],
      ['complete', { end: 'complete', text: 'no no ' }],
    ] as const) {
      const { model, run } = scene({ guard: guardOf({ loopsAt: 'never', endsInLoop: true }) });
      const answer = run();
      model.say('no no ');
      model.finish('no no ', end);
      expect(await answer).toMatchObject(expected);
    }
  });

  it('does not wait for an engine that ignores its signal', async () => {
    const { timers, run } = scene({ deaf: true });
    const failed = expect(run()).rejects.toMatchObject({ code: 'ANSWER_STALLED' });
    await timers.pass(600);
    await failed;
  });

  it("passes the engine's failure on", async () => {
    const { timers, model, run } = scene();
    const error = new VisionError('HOST_BUSY', 'later');
    const failed = expect(run()).rejects.toBe(error);
    await timers.pass(1);
    model.fail(error);
    await failed;
  });

  it('gives a code to what an engine should not have thrown', async () => {
    const { timers, model, run } = scene();
    const failed = expect(run()).rejects.toMatchObject({ code: 'UNEXPECTED' });
    await timers.pass(1);
    model.fail(new TypeError('bug'));
    await failed;
  });
});

describe('the real timers', () => {
  it('do not fire at once for a time that Node cannot hold', async () => {
    let fired = false;
    const cancel = REAL_TIMERS.setTimer(2 ** 40, () => {
      fired = true;
    });
    await new Promise<void>((resolve) => {
      REAL_TIMERS.setTimer(20, resolve);
    });
    cancel();
    expect(fired).toBe(false);
  });
});

/** A model that says what the test tells it to. */
class Model {
  signal: AbortSignal | null = null;
  readonly #deaf: boolean;
  readonly #queue: (Delta | Error)[] = [];
  #wake = () => {};

  constructor(deaf: boolean) {
    this.#deaf = deaf;
  }

  say(text: string): void {
    this.#push({ text });
  }

  finish(text: string, end: ModelAnswer['end'] = 'complete'): void {
    this.#push({ answer: { ...anAnswer(text), end } });
  }

  fail(error: Error): void {
    this.#push(error);
  }

  async *ask(signal: AbortSignal): AsyncGenerator<Delta> {
    this.signal = signal;
    if (!this.#deaf) signal.addEventListener('abort', () => this.fail(signal.reason as Error));
    for (;;) {
      const next = this.#queue.shift();
      if (next instanceof Error) throw next;
      if (next !== undefined) yield next;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #push(event: Delta | Error): void {
    this.#queue.push(event);
    this.#wake();
  }
}

interface SceneOptions {
  readonly started?: boolean;
  readonly deaf?: boolean;
  readonly signal?: AbortSignal;
  readonly guard?: TextGuard;
}

function scene({ started = true, deaf = false, guard, signal = new AbortController().signal }: SceneOptions = {}) {
  const timers = new FakeTimers();
  const model = new Model(deaf);
  const seen = { firstTokenMs: [] as number[], deltas: 0, tookMs: [] as number[] };
  let begin = () => {};
  const clockStarts = started
    ? Promise.resolve()
    : new Promise<void>((resolve) => {
        begin = resolve;
      });
  const options: AskWithinOptions = {
    ask: (inner) => model.ask(inner),
    signals: [signal],
    guard: guard ?? null,
    budgets: BUDGETS,
    clockStarts,
    onFirstToken: (ms) => seen.firstTokenMs.push(ms),
    onDelta: () => {
      seen.deltas += 1;
    },
    onEnd: (ms) => seen.tookMs.push(ms),
    timers,
  };
  return {
    timers,
    model,
    seen,
    run: () => askWithin(options),
    start: async () => {
      begin();
      await timers.pass(0);
    },
  };
}

function anAnswer(text: string): ModelAnswer {
  return {
    text,
    end: 'complete',
    tokens: { prompt: 1, output: 1 },
    timingMs: { load: 0, prompt: 0, generate: 0 },
    confidence: null,
  };
}

function guardOf({ loopsAt, endsInLoop = false }: { loopsAt: string; endsInLoop?: boolean }): TextGuard {
  const loop = { what: 'the word "no"', keptLength: 3 };
  let text = '';
  return {
    push: (piece) => {
      text += piece;
      return text === loopsAt ? loop : null;
    },
    endsInLoop: () => (endsInLoop ? loop : null),
  };
}
