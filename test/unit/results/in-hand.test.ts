import { appendFileSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InHand } from '../../../src/results/in-hand.js';
import { TestFolder } from './stores.js';

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
