import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isHeld, type LockState, thisProcess } from '../../../src/results/store-lock.js';
import { openTestStore, spawnWriter, TestFolder } from './stores.js';

const NOW = 1_000_000;
const elsewhere: LockState = { ...thisProcess(), machine: 'elsewhere', sinceMs: 0, heartbeatMs: NOW };

describe("a store's lock", () => {
  it('keeps a second coordinator out, naming the first', async () => {
    using folder = new TestFolder();
    const writer = spawnWriter(folder.at('run'));
    await once(writer.stdout, 'data');
    const second = openTestStore(folder.at('run'));
    // bash hands its process over to node.
    await expect(second).rejects.toMatchObject({ exitCode: 6, message: expect.stringContaining(`${writer.pid}`) });
    await expect(second).rejects.toThrow(thisProcess().machine);
    writer.kill('SIGKILL');
    await once(writer, 'close');
  });

  it('is taken over at once from a holder that was killed on this machine', async () => {
    using folder = new TestFolder();
    const writer = spawnWriter(folder.at('run'));
    await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await once(writer, 'close');
    const store = await openTestStore(folder.at('run'));
    expect(store.lock()?.pid).toBe(process.pid);
    await store.close();
  });

  it('is free again after its holder closed the store', async () => {
    using folder = new TestFolder();
    await (await openTestStore(folder.at('run'))).close();
    await (await openTestStore(folder.at('run'))).close();
  });

  it('knows a later process of the same id from the holder', () => {
    const mine = thisProcess();
    expect(mine.processStart).not.toBeNull();
    const lock = { ...mine, sinceMs: 0, heartbeatMs: 0 };
    expect(isHeld(lock, mine, NOW)).toBe(true);
    expect(isHeld({ ...lock, processStart: '1' }, mine, NOW)).toBe(false);
  });

  it('believes a holder on another machine for 15 s', () => {
    expect(isHeld(elsewhere, thisProcess(), NOW + 14_999)).toBe(true);
    expect(isHeld(elsewhere, thisProcess(), NOW + 15_000)).toBe(false);
  });

  it('believes a holder from before a restart of this machine no longer than one elsewhere', () => {
    const before = { ...elsewhere, machine: thisProcess().machine, bootId: 'another' };
    expect(isHeld(before, thisProcess(), NOW + 1)).toBe(true);
    expect(isHeld(before, thisProcess(), NOW + 15_000)).toBe(false);
  });

  it('tells its holder when somebody else has taken it over', async () => {
    using folder = new TestFolder();
    const lost: Error[] = [];
    const clock = { ms: NOW };
    const slept = { ...thisProcess(), machine: 'slept' };
    const first = await openTestStore(folder.at('run'), {
      coordinator: slept,
      now: () => NOW,
      onLost: (error) => lost.push(error),
    });
    clock.ms += 20_000;
    const second = await openTestStore(folder.at('run'), {
      coordinator: { ...thisProcess(), machine: 'awake', pid: 1 },
      now: () => clock.ms,
    });
    await expect.poll(() => lost, { timeout: 10_000 }).toHaveLength(1);
    expect(lost[0]?.message).toMatch(/^STORE_FAILED: .*process 1 on awake/);
    await first.close();
    expect(second.lock()?.machine).toBe('awake');
    await second.close();
  });
});
