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
    expect(hostOrder(words)).toEqual(order);
  });

  it.each([
    'http://me:hunter2@gpu1:11434',
    'http://hunter2@gpu1:11434',
    'https://gpu1,key=hunter2',
    'https://gpu1,slots=2,header=X-Key=hunter2',
  ])('is refused with credentials, which are not repeated: %s', (host) => {
    const add = () => hostOrder({ order: 'add', host });
    expect(add).toThrow(
      expect.objectContaining({ exitCode: 2, fix: expect.stringContaining('where the worker is started') }),
    );
    expect(add).not.toThrow(/hunter2/);
  });

  it('is refused without a URL, or with options where nothing is added', () => {
    expect(() => hostOrder({ order: 'add', host: 'gpu1' })).toThrow('Expected a URL such as http://gpu1:11434');
    expect(() => hostOrder({ order: 'add', host: 'http://gpu1:11434,slots=0' })).toThrow('slots: Expected');
    expect(() => hostOrder({ order: 'drain', host: 'http://gpu1:11434,slots=2' })).toThrow('a URL alone');
  });
});
