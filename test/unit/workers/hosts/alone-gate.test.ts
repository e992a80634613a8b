import { expect, it } from 'vitest';
import { AloneGate } from '../../../../workers/hosts/alone-gate.js';

const { signal: never } = new AbortController();

it('lets those pass that waited behind one that is given up', async () => {
  const gate = new AloneGate();
  const passed: string[] = [];
  const enter = async (name: string, alone: boolean, signal = never) => {
    const leave = await gate.enter(alone, signal);
    passed.push(name);
    return leave;
  };
  await enter('long', false);
  const ending = new AbortController();
  const suspect = enter('suspect', true, ending.signal);
  const others = [enter('a', false), enter('b', false)];
  ending.abort(new Error('withdrawn'));
  await expect(suspect).rejects.toThrow('withdrawn');
  await Promise.all(others);
  expect(passed).toEqual(['long', 'a', 'b']);
  await expect(enter('late', true, ending.signal)).rejects.toThrow('withdrawn');
});

it('lets one pass alone when all others are over, and those behind it after it', async () => {
  const gate = new AloneGate();
  const passed: string[] = [];
  const enter = async (name: string, alone: boolean) => {
    const leave = await gate.enter(alone, never);
    passed.push(name);
    return leave;
  };
  const first = await enter('first', false);
  const suspect = enter('suspect', true);
  const last = enter('last', false);
  first();
  const leave = await suspect;
  expect(passed).toEqual(['first', 'suspect']);
  leave();
  await last;
  expect(passed).toEqual(['first', 'suspect', 'last']);
});
