import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { bareHost, type HostSpec } from '../../../config/hosts/host.js';
import type { HostOrder } from '../../../jobs/fleet.js';
import { addedHost } from '../../../src/app/host-orders.js';
import type { ServingHost } from '../../../src/app/worker-host.js';
import { WorkerHosts } from '../../../src/app/worker-hosts.js';
import { SourcedText } from '../../../src/core/sourced-text.js';
import { SILENT } from '../../../src/core/telling.js';

const GPU1 = 'http://gpu1:11434';
const GPU2 = 'http://gpu2:11434';

interface Scene extends AsyncDisposable {
  /** The hosts as the file names them now. */
  readonly file: { hosts: readonly HostSpec[]; writtenMs: number };
  readonly orders: HostOrder[];
  /** Hosts in the order in which they were begun with, and in which they were closed. */
  readonly begun: readonly HostSpec[];
  readonly closed: readonly HostSpec[];
  /** Whether a host was at work, look by look. */
  readonly looks: readonly boolean[];
  readonly said: readonly string[];
  reread(): void;
  /** Waits until all that is known now was looked at. */
  looked(): Promise<void>;
}

/** A worker of hosts that serve until they are to leave, but where they meet the `trouble` of their nth time. */
function startScene(hosts: readonly HostSpec[], trouble: (spec: HostSpec, time: number) => void = () => {}): Scene {
  const file = { hosts, writtenMs: 0 };
  const orders: HostOrder[] = [];
  const [begun, closed, looks, said]: [HostSpec[], HostSpec[], boolean[], string[]] = [[], [], [], []];
  const stopping = new AbortController();
  const serve = (spec: HostSpec, leaving: AbortSignal): ServingHost => {
    begun.push(spec);
    const ends = AbortSignal.any([leaving, stopping.signal]);
    return {
      isServing: true,
      async run() {
        trouble(spec, begun.filter(({ url }) => url === spec.url).length);
        if (!ends.aborted) await once(ends, 'abort');
      },
      close: async () => void closed.push(spec),
    };
  };
  const worker = new WorkerHosts({
    hosts,
    read: async () => ({ hosts: file.hosts }),
    writtenMs: async () => file.writtenMs,
    orders: async () => orders,
    described: addedHost,
    serve,
    onLook: (isServing) => void looks.push(isServing),
    stopping: stopping.signal,
    logger: { ...SILENT, warn: (words) => void said.push(words), error: (words) => void said.push(words) },
    times: { lookMs: 5, again: { leastMs: 20, mostMs: 40 } },
  });
  const running = worker.run();
  return {
    file,
    orders,
    begun,
    closed,
    looks,
    said,
    reread: () => worker.reread(),
    async looked() {
      const from = looks.length;
      await soon(() => expect(looks.length).toBeGreaterThan(from + 1));
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}

const soon = (holds: () => void): Promise<void> => vi.waitFor(holds, { interval: 2, timeout: 10_000 });
const urlsOf = (specs: readonly HostSpec[]): readonly string[] => specs.map(({ url }) => url);

it('a host that could not be served is begun with again, ever later, and is not at work meanwhile', async () => {
  await using scene = startScene([bareHost(GPU1)], (_, time) => {
    if (time <= 3) throw new Error('NOAUTH');
  });
  await soon(() => expect(scene.begun).toHaveLength(4));
  await soon(() => expect(scene.looks.at(-1)).toBe(true));
  expect(scene.looks).toContain(false);
  expect(scene.closed).toHaveLength(3);
  expect(scene.said).toEqual([0.02, 0.04, 0.04].map((secs) => `${GPU1} is not served for ${secs} s: NOAUTH`));
});

it('a host that can never be served does not keep the others from it', async () => {
  await using scene = startScene([bareHost(GPU1), bareHost(GPU2)], ({ url }) => {
    if (url === GPU1) throw new Error('this host alone');
  });
  await soon(() => expect(urlsOf(scene.begun).filter((url) => url === GPU1).length).toBeGreaterThan(2));
  expect(urlsOf(scene.begun).filter((url) => url === GPU2)).toEqual([GPU2]);
});

it('a host whose entry has changed ends what it does and is served as the entry says now', async () => {
  await using scene = startScene([bareHost(GPU1), bareHost(GPU2)]);
  await scene.looked();
  const sleep = [{ fromMinute: 420, toMinute: 1_200 }];
  for (const change of [{ slots: 4 }, { slots: 4, sleep }, { slots: 4, sleep, key: new SourcedText('env:K', 'one') }]) {
    const changed = { ...bareHost(GPU1), ...change };
    scene.file.hosts = [changed, bareHost(GPU2)];
    scene.file.writtenMs += 1;
    await soon(() => expect(scene.begun.at(-1)).toEqual(changed));
  }
  expect(urlsOf(scene.begun)).toEqual([GPU1, GPU2, GPU1, GPU1, GPU1]);
  expect(urlsOf(scene.closed)).toEqual([GPU1, GPU1, GPU1]);
});

it('a file that says the same when it is read again disturbs nobody', async () => {
  const entry = (): HostSpec => ({ ...bareHost(GPU1), key: new SourcedText('env:K', 'one'), listed: true });
  await using scene = startScene([entry()]);
  await scene.looked();
  scene.file.hosts = [entry()];
  scene.reread();
  await scene.looked();
  expect(urlsOf(scene.begun)).toEqual([GPU1]);
  scene.file.hosts = [{ ...entry(), key: new SourcedText('env:K', 'another') }];
  scene.reread();
  await soon(() => expect(urlsOf(scene.begun)).toEqual([GPU1, GPU1]));
});

it('an order that describes no host is told once, and the others are followed', async () => {
  await using scene = startScene([bareHost(GPU1)]);
  scene.orders.push(
    { url: 'http://x', order: 'add', description: 'http://x,key=file:/f' },
    { url: 'cpu', order: 'add', description: 'cpu' },
    { url: GPU2, order: 'add', description: `${GPU2},slots=2` },
  );
  await scene.looked();
  await scene.looked();
  expect(urlsOf(scene.begun).toSorted()).toEqual([GPU1, GPU2]);
  expect(scene.said).toEqual(
    ['http://x', 'cpu'].map((url) => expect.stringContaining(`to add ${url} describes no host`)),
  );
});

it('a host that is added anew with other slots is served with these', async () => {
  await using scene = startScene([]);
  for (const slots of [2, 4]) {
    scene.orders.splice(0, 1, { url: GPU2, order: 'add', description: `${GPU2},slots=${slots}` });
    await soon(() => expect(scene.begun.at(-1)).toMatchObject({ url: GPU2, slots }));
  }
});
