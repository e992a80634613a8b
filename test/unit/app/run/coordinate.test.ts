import { describe, expect, it } from 'vitest';
import type { Queue } from '../../../../jobs/queue.js';
import { type CoordinateOptions, coordinate } from '../../../../src/app/run/coordinate.js';

const NOTHING = { waiting: 0, active: 0, completed: 0, failed: 0 };
const resolved = async (): Promise<void> => {};

/** A run of which nothing but its production is real; `fail` ends it. */
function aRun({ produce }: Pick<CoordinateOptions, 'produce'>) {
  let withdrawals = 0;
  let fail: (error: Error) => void = () => {};
  const fatal = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const withdraw = async () => {
    withdrawals += 1;
  };
  const ended = coordinate({
    queue: { counts: async () => NOTHING, withdraw } as unknown as Queue,
    lanes: { close: resolved, pause: resolved } as unknown as CoordinateOptions['lanes'],
    collector: {
      run: (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    } as unknown as CoordinateOptions['collector'],
    shutdown: {
      draining: new AbortController().signal,
      aborting: new AbortController().signal,
    } as unknown as CoordinateOptions['shutdown'],
    produce,
    fatal,
    onStopping: resolved,
  });
  return { ended, fail, withdrawals: () => withdrawals };
}

describe('a run that something fatal ends', () => {
  it('has ended only when its production has, since the store is closed next', async () => {
    const steps: string[] = [];
    const { ended, fail } = aRun({
      produce: async (signal) => {
        fail(new Error('The disk is full'));
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await new Promise((resolve) => setTimeout(resolve, 50));
        steps.push('the scan has ended');
        return false;
      },
    });
    await ended.catch((error: Error) => steps.push(error.message));
    expect(steps).toEqual(['the scan has ended', 'The disk is full']);
  });

  it('does not drain, as nobody collects any more', async () => {
    const { ended, fail, withdrawals } = aRun({
      produce: async (signal) => {
        fail(new Error('The disk is full'));
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        return false;
      },
    });
    await expect(ended).rejects.toThrow('The disk is full');
    expect(withdrawals()).toBe(0);
  });

  it('does not wait for ever for a production that is stuck', async () => {
    const { ended, fail } = aRun({ produce: () => new Promise(() => fail(new Error('The disk is full'))) });
    await expect(ended).rejects.toThrow('The disk is full');
  });
});
