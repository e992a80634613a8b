import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../../jobs/fleet.js';
import { createMemoryFleet } from '../../../jobs/memory-fleet.js';
import { carryOut, hostOrder, type OrderWords } from '../../../src/app/host-orders.js';

describe('an order for a host', () => {
  it.each<[OrderWords, unknown]>([
    [
      { order: 'drain', host: 'http://gpu1:11434/' },
      { order: 'drain', url: 'http://gpu1:11434' },
    ],
    [
      { order: 'resume', host: 'http://GPU1:11434' },
      { order: 'resume', url: 'http://gpu1:11434' },
    ],
    [
      { order: 'remove', host: 'http://gpu1:11434' },
      { order: 'remove', url: 'http://gpu1:11434' },
    ],
    [
      { order: 'add', host: 'http://gpu1:11434/,slots=4' },
      { order: 'add', url: 'http://gpu1:11434', description: 'http://gpu1:11434,slots=4' },
    ],
  ])('is read from %j', (words, order) => {
    expect(hostOrder(words, 'here')).toEqual(order);
  });

  it('to be drained is the one of this machine where every machine has one, or that of the machine behind it', () => {
    const order = (host: string) => hostOrder({ order: 'drain', host }, 'here').url;
    expect(order('http://127.0.0.1:11434/')).toBe('http://127.0.0.1:11434#here');
    expect(order('http://127.0.0.1:11434#gpu2')).toBe('http://127.0.0.1:11434#gpu2');
    expect(order('cpu#gpu-2.lan')).toBe('cpu#gpu-2.lan');
    expect(() => order('http://gpu1:11434#gpu2')).toThrow('name http://gpu1:11434 alone');
  });

  it('to be added may mean one of every machine, and none of a single one', () => {
    const add = (host: string) => hostOrder({ order: 'add', host }, 'here');
    const own = { order: 'add', url: 'http://127.0.0.1:11434', description: 'http://127.0.0.1:11434' };
    expect(add('http://127.0.0.1:11434')).toEqual(own);
    expect(hostOrder({ order: 'remove', host: own.url }, 'here')).toEqual({ order: 'remove', url: own.url });
    expect(() => add('http://127.0.0.1:11434#gpu2')).toThrow('Expected a URL such as');
  });

  it.each([
    'http://me:hunter2@gpu1:11434',
    'http://hunter2@gpu1:11434',
    'https://gpu1,key=hunter2',
    'https://gpu1,slots=2,header=X-Key=hunter2',
  ])('is refused with credentials, which are not repeated: %s', (host) => {
    const add = () => hostOrder({ order: 'add', host }, 'here');
    expect(add).toThrow(
      expect.objectContaining({ exitCode: 2, fix: expect.stringContaining('where the worker is started') }),
    );
    expect(add).not.toThrow(/hunter2/);
  });

  it('to add the built-in OCR is refused', () => {
    expect(() => hostOrder({ order: 'add', host: 'cpu' }, 'here')).toThrow(
      'Expected add to name an Ollama host, got cpu',
    );
  });

  it('is refused without a URL, or with options where nothing is added', () => {
    expect(() => hostOrder({ order: 'add', host: 'gpu1' }, 'here')).toThrow('Expected a URL such as http://gpu1:11434');
    expect(() => hostOrder({ order: 'add', host: 'http://gpu1:11434,slots=0' }, 'here')).toThrow('slots: Expected');
    expect(() => hostOrder({ order: 'drain', host: 'http://gpu1:11434,slots=2' }, 'here')).toThrow('a URL alone');
  });
});

describe('an order says what it means now', () => {
  const GPU1 = 'http://gpu1:11434';
  const GPU2 = 'http://gpu2:11434';
  const own = 'http://127.0.0.1:11434#box';

  async function aFleet(): Promise<Fleet> {
    const fleet = createMemoryFleet();
    const worker = { machine: 'box', pid: 1, version: '1', state: 'idle', atMs: 0 } as const;
    await fleet.writeWorker({ ...worker, name: 'box:1', hosts: [GPU1, own] });
    return fleet;
  }

  it('to drain, and to resume: of hosts that are served, and of hosts that nobody names', async () => {
    const fleet = await aFleet();
    expect(await carryOut({ url: GPU1, order: 'drain' }, fleet)).toBe(
      'takes no further items; what is in hand is finished.',
    );
    expect(await carryOut({ url: 'http://gpu1', order: 'drain' }, fleet)).toBe(
      `nobody serves it now, whoever will takes no items for it. Served: ${own}, ${GPU1}.`,
    );
    expect(await fleet.hostOrders()).toHaveLength(2);
    expect(await carryOut({ url: GPU2, order: 'resume' }, fleet)).toBe(
      `was not drained. Drained: http://gpu1, ${GPU1}.`,
    );
    expect(await carryOut({ url: GPU1, order: 'resume' }, fleet)).toBe('takes items again.');
    expect(await carryOut({ url: 'http://gpu1', order: 'resume' }, fleet)).toBe('takes items again.');
    expect(await carryOut({ url: GPU1, order: 'resume' }, fleet)).toBe('was not drained. Drained is no host.');
  });

  it('to add, and to remove: of hosts that were added, one of every machine too', async () => {
    const fleet = await aFleet();
    const url = 'http://127.0.0.1:11434';
    expect(await carryOut({ url, order: 'remove' }, fleet)).toBe('was not added. Added is no host.');
    await carryOut({ url, order: 'add', description: url }, fleet);
    expect(await carryOut({ url: GPU2, order: 'remove' }, fleet)).toBe(`was not added. Added: ${own}.`);
    expect(await carryOut({ url, order: 'remove' }, fleet)).toBe('is served only by workers that name it themselves.');
  });
});
