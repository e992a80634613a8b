import { describe, expect, it } from 'vitest';
import { hostOrder, type OrderWords } from '../../../src/app/host-orders.js';

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

  it('is refused without a URL, or with options where nothing is added', () => {
    expect(() => hostOrder({ order: 'add', host: 'gpu1' }, 'here')).toThrow('Expected a URL such as http://gpu1:11434');
    expect(() => hostOrder({ order: 'add', host: 'http://gpu1:11434,slots=0' }, 'here')).toThrow('slots: Expected');
    expect(() => hostOrder({ order: 'drain', host: 'http://gpu1:11434,slots=2' }, 'here')).toThrow('a URL alone');
  });
});
