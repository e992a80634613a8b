import { describe, expect, it } from 'vitest';
import { Handover } from '../../../../src/app/library/handover.js';

const NEVER = new AbortController().signal;

describe('values handed over', () => {
  it('come in order, each giver waiting until its own was taken', async () => {
    const handover = new Handover<string>();
    const taken: string[] = [];
    const given = ['a', 'b'].map((value) => handover.give(value, NEVER).then(() => taken.push(value)));
    expect(await handover.take()).toBe('a');
    await given[0];
    expect(taken).toEqual(['a']);
    expect(await handover.take()).toBe('b');
    await Promise.all(given);
  });

  it('reach whoever waits already', async () => {
    const handover = new Handover<string>();
    const takes = [handover.take(), handover.take()];
    await handover.give('a', NEVER);
    await handover.give('b', NEVER);
    expect(await Promise.all(takes)).toEqual(['a', 'b']);
  });

  it('are still taken after the end, which is null', async () => {
    const handover = new Handover<string>();
    const given = handover.give('a', NEVER);
    handover.close();
    expect([await handover.take(), await handover.take()]).toEqual(['a', null]);
    await given;
  });

  it('end for whoever waits when it is closed', async () => {
    const handover = new Handover<string>();
    const take = handover.take();
    handover.close();
    expect(await take).toBeNull();
  });

  it('are let go of when nobody takes any more, then and later', async () => {
    const handover = new Handover<string>();
    const given = handover.give('a', NEVER);
    handover.abandon();
    await given;
    await handover.give('b', NEVER);
    expect(await handover.take()).toBeNull();
  });

  it('are withdrawn when the signal fires', async () => {
    const handover = new Handover<string>();
    const late = new AbortController();
    const given = [handover.give('a', late.signal), handover.give('b', NEVER)];
    late.abort();
    await given[0];
    expect(await handover.take()).toBe('b');
    await given[1];
    await handover.give('c', late.signal);
  });
});
