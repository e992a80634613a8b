import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { unlessAborted } from '../../../src/core/unless-aborted.js';

const never = new Promise<string>(() => {});

describe('unlessAborted', () => {
  it('gives the value, or what the promise threw', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(signal, Promise.resolve('value'))).toBe('value');
    await expect(unlessAborted(signal, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('gives null as soon as the signal fires, and where it had fired before', async () => {
    const stop = new AbortController();
    const waiting = unlessAborted(stop.signal, never);
    stop.abort();
    expect(await waiting).toBeNull();
    expect(await unlessAborted(stop.signal, never)).toBeNull();
  });

  it('leaves no listener on a signal that lives as long as the process', async () => {
    const { signal } = new AbortController();
    await unlessAborted(signal, Promise.resolve());
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
