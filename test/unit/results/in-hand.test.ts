import { appendFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { InHand } from '../../../src/results/in-hand.js';
import { spawnScript, TestFolder } from './stores.js';

describe('what is in hand', () => {
  it('is there for the next process, whatever the keys look like', () => {
    using folder = new TestFolder();
    const dir = folder.at('.');
    const inHand = new InHand(dir);
    inHand.take(['a.png', 'two\nlines.png', '+"x".png', 'gone.png']);
    inHand.leave(['gone.png', 'never-taken.png']);
    expect(new InHand(dir).keys()).toEqual(['a.png', 'two\nlines.png', '+"x".png']);
    inHand.close();
  });

  it('does not grow with the run', () => {
    using folder = new TestFolder();
    const inHand = new InHand(folder.at('.'));
    inHand.take(['stays.png']);
    for (let n = 0; n < 30_000; n += 1) {
      inHand.take([`page-${n}.png`]);
      inHand.leave([`page-${n}.png`]);
    }
    expect(statSync(folder.at('in-hand')).size).toBeLessThan(400_000);
    expect(new InHand(folder.at('.')).keys()).toEqual(['stays.png']);
    inHand.close();
  });

  it('survives a last line that was cut', () => {
    using folder = new TestFolder();
    const inHand = new InHand(folder.at('.'));
    inHand.take(['a.png']);
    inHand.close();
    appendFileSync(folder.at('in-hand'), '+"b.p');
    const again = new InHand(folder.at('.'));
    expect(again.keys()).toEqual(['a.png']);
    again.take(['c.png']);
    again.close();
    expect(new InHand(folder.at('.')).keys()).toEqual(['a.png', 'c.png']);
  });

  it('survives a line that was cut and went on with the next', () => {
    using folder = new TestFolder();
    writeFileSync(folder.at('in-hand'), '+"a.png"\n+"b.p+"c.png"\n+7\n+"d.png"\n');
    const inHand = new InHand(folder.at('.'));
    expect(inHand.keys()).toEqual(['a.png', 'd.png']);
    inHand.close();
  });

  it('writes on after a disk that was full, and no line goes on where a cut one ended', async () => {
    const hand = spawnScript('in-hand', [], 1);
    expect(await text(hand.stdout), await text(hand.stderr)).toBe('STORE_FAILED ["a.png"]');
  });

  it('is written again where the folder was removed', () => {
    using folder = new TestFolder();
    const dir = folder.at('store');
    mkdirSync(dir);
    const inHand = new InHand(dir);
    inHand.take(['a.png']);
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    inHand.restore();
    expect(new InHand(dir).keys()).toEqual(['a.png']);
    inHand.close();
  });
});
