import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { visionRecordSchema } from '../../../src/core/record.js';
import { openTestStore, seededRandom, spawnWriter, TestFolder } from './stores.js';

/** Puts of a writer that were acknowledged before it ended, and its last word. */
function listen(writer: ReturnType<typeof spawnWriter>): { acknowledged: number; lastWord: string; errors: string } {
  const heard = { acknowledged: 0, lastWord: '', errors: '' };
  writer.stderr.on('data', (chunk: Buffer) => {
    heard.errors += chunk.toString();
  });
  writer.stdout.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) {
      if (/^\d+$/.test(line)) heard.acknowledged = Number(line);
      else heard.lastWord = line;
    }
  });
  return heard;
}

describe('a store whose writer is cut off', () => {
  for (const seed of [1, 2, 3]) {
    it(`has every acknowledged record after kill -9 at a random moment (seed ${seed})`, async () => {
      using folder = new TestFolder();
      const writer = spawnWriter(folder.at('run'));
      const heard = listen(writer);
      await once(writer.stdout, 'data');
      await delay(seededRandom(seed)() * 700);
      writer.kill('SIGKILL');
      await once(writer, 'close');

      const store = await openTestStore(folder.at('run'));
      expect(heard.acknowledged).toBeGreaterThan(0);
      for (let index = 0; index < heard.acknowledged; index += 1) {
        expect(visionRecordSchema.parse(store.record(String(index))).id).toBe(String(index));
      }
      expect(store.running()).toEqual(['in-hand.png']);
      await store.close();
    });
  }

  it('says STORE_FAILED when it cannot grow, and has every acknowledged record afterwards', async () => {
    using folder = new TestFolder();
    const writer = spawnWriter(folder.at('run'), 2_000);
    const heard = listen(writer);
    const [code] = await once(writer, 'close');
    expect(heard.lastWord, heard.errors).toBe('STORE_FAILED');
    expect(code, heard.errors).toBe(0);
    expect(heard.errors).not.toMatch(/unhandled/i);

    const store = await openTestStore(folder.at('run'));
    expect(heard.acknowledged).toBeGreaterThan(100);
    for (let index = 0; index < heard.acknowledged; index += 1) {
      expect(store.outcome(String(index))?.status).toBe('ok');
    }
    await store.close();
  });
});
