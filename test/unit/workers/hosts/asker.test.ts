import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ModelAnswer } from '../../../../src/core/ask.js';
import { VisionError } from '../../../../src/core/errors.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { type AskLimits, HostAsker, type HostAskerOptions } from '../../../../workers/hosts/asker.js';
import { Hold, holdOfOwnHost } from '../../../../workers/hosts/hold.js';
import { HOST_WATCH_DEFAULTS } from '../../../../workers/hosts/watch.js';
import { aRequest } from '../../../support/builders.js';

const ANSWER: ModelAnswer = {
  text: 'yes',
  end: 'complete',
  tokens: { prompt: 1, output: 1 },
  timingMs: { load: 0, prompt: 1, generate: 1 },
  confidence: null,
};

const BUDGETS = { connectMs: 1_000, firstTokenMs: 60_000, silenceMs: 60_000, itemMs: 60_000, loadMs: 60_000 };

/** A host whose requests end when they are told to. */
class Host {
  readonly open: { finish(): void; fail(error: Error): void }[] = [];
  readonly #news = new EventTarget();

  readonly engine: Pick<Engine, 'host' | 'generates' | 'ask' | 'probe'>;

  constructor(probe: Engine['probe'] = async () => true) {
    this.engine = { host: 'gpu1', generates: true, probe, ask: (_, signal) => this.#answer(signal) };
  }

  async *#answer(signal: AbortSignal): AsyncGenerator<{ readonly answer: ModelAnswer }> {
    const { promise, finish, fail } = deferred();
    signal.addEventListener('abort', () => fail(new Error('aborted')), { once: true });
    const request = { finish, fail };
    this.open.push(request);
    this.#news.dispatchEvent(new Event('change'));
    try {
      await promise;
      yield { answer: ANSWER };
    } finally {
      this.open.splice(this.open.indexOf(request), 1);
      this.#news.dispatchEvent(new Event('change'));
    }
  }

  async has(open: number): Promise<void> {
    while (this.open.length !== open) await once(this.#news, 'change');
  }
}

function deferred() {
  let finish: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return { promise, finish, fail };
}

function anAsker(host: Host, slots: number, options: Partial<HostAskerOptions> = {}): HostAsker {
  return new HostAsker({
    engine: host.engine,
    room: { slots, ahead: 0 },
    breaker: { pass: (send) => send() },
    budgets: BUDGETS,
    watch: HOST_WATCH_DEFAULTS,
    onAnswer: async () => {},
    mayOpen: () => true,
    hold: async () => holdOfOwnHost(),
    ...options,
  });
}

function limits(given: Partial<AskLimits> = {}): AskLimits {
  return { signal: new AbortController().signal, itemMs: 60_000, onSpent: () => {}, alone: false, ...given };
}

it('sends an item that is to be alone when nothing else of ours is open, and nothing beside it', async () => {
  const host = new Host();
  const asker = anAsker(host, 4);
  const first = asker.ask(aRequest(), limits());
  await host.has(1);
  const alone = asker.ask(aRequest(), limits({ alone: true }));
  const behind = [asker.ask(aRequest(), limits()), asker.ask(aRequest(), limits())];
  host.open[0]?.finish();
  await first;
  await host.has(1);
  host.open[0]?.finish();
  await alone;
  await host.has(2);
  for (const request of [...host.open]) request.finish();
  await Promise.all(behind);
  asker.close();
});

it('keeps for itself no host that was taken from it: what waits goes back to the queue', async () => {
  const host = new Host();
  let slots = 1;
  const asker = anAsker(host, 1, { mayOpen: () => slots > 0 });
  const first = asker.ask(aRequest(), limits());
  const second = asker.ask(aRequest(), limits());
  await host.has(1);
  slots = 0;
  host.open[0]?.finish();
  await first;
  await expect(second).rejects.toMatchObject({ code: 'HOST_BUSY' });
  asker.close();
});

it('sends an item that is to be alone when no other process has anything open, and lets them again after it', async () => {
  const host = new Host();
  let ends = 0;
  const hold = new Hold(() => {
    ends += 1;
  });
  const asker = anAsker(host, 4, {
    hold: async () => {
      await hold.decided;
      return hold;
    },
  });
  const alone = asker.ask(aRequest(), limits({ alone: true }));
  await expect(Promise.race([host.has(1), setImmediate('none')])).resolves.toBe('none');
  hold.note(true);
  await host.has(1);
  expect(ends).toBe(0);
  host.open[0]?.finish();
  await alone;
  expect(ends).toBe(1);
  asker.close();
});

it('hands an item back that is to be alone where others go first', async () => {
  const asker = anAsker(new Host(), 4, { hold: async () => null });
  await expect(asker.ask(aRequest(), limits({ alone: true }))).rejects.toMatchObject({ code: 'HOST_BUSY' });
  asker.close();
});

it('blames an item for a crash only where it was alone to the end', async () => {
  for (const [isBroken, blameless] of [
    [false, false],
    [true, true],
  ]) {
    const host = new Host();
    const hold = holdOfOwnHost();
    const asker = anAsker(host, 4, { hold: async () => hold });
    const alone = asker.ask(aRequest(), limits({ alone: true }));
    await host.has(1);
    if (isBroken) hold.note(false);
    host.open[0]?.fail(new VisionError('HOST_CRASHED', 'The runner died.'));
    await expect(alone).rejects.toMatchObject({ code: 'HOST_CRASHED', blameless });
    asker.close();
  }
});

it('sends as many as it has room for from the moment on at which that changes', async () => {
  const host = new Host();
  const asker = anAsker(host, 1);
  const asked = [1, 2, 3].map(() => asker.ask(aRequest(), limits()));
  await host.has(1);
  asker.setRoom({ slots: 3, ahead: 0 });
  await host.has(3);
  expect(asker.busy).toBe(3);
  for (const request of [...host.open]) request.finish();
  await Promise.all(asked);
  asker.close();
});

it('lets go at once of what still waits for its turn', async () => {
  const host = new Host();
  const asker = anAsker(host, 1);
  const first = asker.ask(aRequest(), limits());
  await host.has(1);
  const leaving = new AbortController();
  const waiting = asker.ask(aRequest(), limits({ signal: leaving.signal }));
  leaving.abort(new Error('elsewhere'));
  await expect(waiting).rejects.toThrow('elsewhere');
  host.open[0]?.finish();
  await first;
  asker.close();
});

it('lets go at once of what was given up before it came', async () => {
  const host = new Host();
  const asker = anAsker(host, 1);
  const first = asker.ask(aRequest(), limits());
  await host.has(1);
  const left = asker.ask(aRequest(), limits({ signal: AbortSignal.abort(new Error('elsewhere')) }));
  await expect(Promise.race([left, first])).rejects.toThrow('elsewhere');
  host.open[0]?.finish();
  await first;
  asker.close();
});

it.each([
  ['holds a connection that breaks against its item while the host answers', true, false, false],
  ['holds a connection that breaks against no item where the host is gone', false, false, true],
  ['holds a connection that there was none of against no item', true, true, true],
] as const)('%s', async (_, isAlive, wasNone, blameless) => {
  const host = new Host(async () => isAlive);
  const asker = anAsker(host, 1);
  const asked = asker.ask(aRequest(), limits());
  await host.has(1);
  host.open[0]?.fail(new VisionError('HOST_UNREACHABLE', 'The connection broke.', { blameless: wasNone }));
  await expect(asked).rejects.toMatchObject({ code: 'HOST_UNREACHABLE', blameless });
  asker.close();
});

it('holds a connection that breaks against no item that was only sent ahead', async () => {
  const host = new Host();
  const asker = anAsker(host, 1);
  asker.setRoom({ slots: 1, ahead: 1 });
  const first = asker.ask(aRequest(), limits());
  const ahead = asker.ask(aRequest(), limits());
  await host.has(2);
  host.open[1]?.fail(new VisionError('HOST_UNREACHABLE', 'The connection broke.'));
  await expect(ahead).rejects.toMatchObject({ code: 'HOST_UNREACHABLE', blameless: true });
  host.open[0]?.finish();
  await first;
  asker.close();
});

it('holds a crash against what had begun, and not against what was sent ahead', async () => {
  const host = new Host();
  const asker = anAsker(host, 1);
  asker.setRoom({ slots: 1, ahead: 1 });
  const begun: string[] = [];
  const first = asker.ask(aRequest(), limits(), { onBegun: () => begun.push('first') });
  const ahead = asker.ask(aRequest(), limits(), { onBegun: () => begun.push('ahead') });
  await host.has(2);
  expect(begun).toEqual(['first']);
  const crash = () => new VisionError('HOST_CRASHED', 'The runner died.');
  const [one, two] = [...host.open];
  two?.fail(crash());
  await expect(ahead).rejects.toMatchObject({ code: 'HOST_CRASHED', blameless: true });
  one?.fail(crash());
  await expect(first).rejects.toMatchObject({ code: 'HOST_CRASHED', blameless: false });
  asker.close();
});

it('counts an answer only when whoever is told of it takes it for one', async () => {
  const host = new Host();
  const asker = anAsker(host, 1, {
    onAnswer: () => Promise.reject(new VisionError('HOST_BUSY', 'The model was replaced.')),
  });
  const asked = asker.ask(aRequest(), limits());
  await host.has(1);
  host.open[0]?.finish();
  await expect(asked).rejects.toMatchObject({ code: 'HOST_BUSY' });
  asker.close();
});
