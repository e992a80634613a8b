import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { HostWatch, whileItAnswers } from '../../../../workers/hosts/watch.js';

/** A watch with short times; resolves when the host is given up. */
function aWatch(probe: (signal: AbortSignal) => Promise<boolean>) {
  let gone: () => void = () => {};
  const isGone = new Promise<void>((resolve) => {
    gone = resolve;
  });
  let probes = 0;
  const watch = new HostWatch({
    silentMs: 20,
    probeMs: 20,
    silentProbes: 3,
    probe: (signal) => {
      probes += 1;
      return probe(signal);
    },
    onGone: () => gone(),
  });
  return { watch, isGone, probes: () => probes };
}

describe('the host watch', () => {
  it('gives a host up after three silent probes', async () => {
    const { watch, isGone, probes } = aWatch(async () => false);
    const request = watch.watch();
    await isGone;
    expect(probes()).toBe(3);
    request.done();
    watch.close();
  });

  it('keeps a host that answers its probes, however long a request is silent', async () => {
    let answered = 0;
    let fifth: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      fifth = resolve;
    });
    const { watch, isGone } = aWatch(async () => {
      answered += 1;
      if (answered === 5) fifth();
      return true;
    });
    const request = watch.watch();
    const first = await Promise.race([asked.then(() => 'asked five times'), isGone.then(() => 'gone')]);
    expect(first).toBe('asked five times');
    request.done();
    watch.close();
  });

  it('measures silence on no clock that can be set back', async () => {
    const { watch, isGone } = aWatch(async () => false);
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const request = watch.watch();
      vi.setSystemTime(Date.now() - 3_600_000);
      const isThere = watch.watch(); // the quietest counts
      await isGone;
      for (const one of [request, isThere]) one.done();
    } finally {
      vi.useRealTimers();
      watch.close();
    }
  });

  it('ends a probe that gets no answer, also while the garbage collector is at work', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const { watch, isGone } = aWatch(
      (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true })),
    );
    const collecting = setInterval(collectGarbage, 5);
    const request = watch.watch();
    await isGone;
    clearInterval(collecting);
    request.done();
    watch.close();
  });

  it('does not probe without open requests, nor for a byte that comes after the end of one', async () => {
    const { watch, probes } = aWatch(async () => false);
    const request = watch.watch();
    request.done();
    request.onByte();
    watch.watch().done();
    const other = aWatch(async () => false); // a second watch is the clock: it gives up after at least 60 ms
    other.watch.watch();
    await other.isGone;
    expect(probes()).toBe(0);
    watch.close();
    other.watch.close();
  });
});

describe('a look at a host', () => {
  const times = { silentMs: 20, probeMs: 20, silentProbes: 3, host: 'gpu1' };
  const { signal } = new AbortController();

  it('ends where the host falls silent meanwhile', async () => {
    const stuck = (ending: AbortSignal) =>
      new Promise<never>((_, reject) => ending.addEventListener('abort', () => reject(ending.reason), { once: true }));
    const looked = whileItAnswers({ ...times, signal, probe: async () => false }, stuck);
    await expect(looked).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
  });

  it('takes as long as it takes while the host answers', async () => {
    const asked = new EventTarget();
    let probes = 0;
    const probe = async () => {
      probes += 1;
      asked.dispatchEvent(new Event(`${probes}`));
      return true;
    };
    const fifth = once(asked, '5');
    expect(await whileItAnswers({ ...times, signal, probe }, () => fifth.then(() => 'well'))).toBe('well');
  });
});
