import { describe, expect, it } from 'vitest';
import { newAsk } from '../../../../src/app/run/ask.js';
import type { Definition } from '../../../../src/app/run/definition.js';
import { type Room, roomOf } from '../../../../src/app/run/room.js';
import type { ResolvedInput } from '../../../../src/inputs/resolve.js';
import { aChoiceOf, aDefinition, DEFAULTS } from './asks.js';

const file = (name: string): ResolvedInput => ({ kind: 'file', given: name, path: `/${name}` });
const folder = (name: string): ResolvedInput => ({ kind: 'folder', given: name, path: `/${name}` });

function room(definition: Partial<Definition>, inputs: readonly ResolvedInput[], numCtx: number | null = null): Room {
  const choice = aChoiceOf('qwen2.5vl');
  const ask = newAsk(choice, aDefinition(definition));
  return roomOf({ ask, profile: choice.profile, inputs, settings: { ...DEFAULTS, numCtx } });
}

describe('the context of a run', () => {
  it('is the user’s where there is one, with advice where it is too small', () => {
    const { contextAdvice, limits } = room({}, [folder('a')], 4_096);
    expect(limits.numCtx).toBe(4_096);
    expect(contextAdvice(4_096)).toContain('--max-pixels');
  });

  it('holds what is asked, and so needs no advice', () => {
    const { contextAdvice, limits } = room({}, [folder('a')]);
    expect(limits.numCtx).toBeGreaterThanOrEqual(8_192);
    expect(contextAdvice(limits.numCtx)).toBeNull();
  });

  it('holds all images of a group: those named, or some of a folder', () => {
    const two = room({ task: 'compare' }, [file('a'), file('b')]).limits.numCtx;
    const six = room({ task: 'compare' }, ['a', 'b', 'c', 'd', 'e', 'f'].map(file)).limits.numCtx;
    const some = room({ task: 'compare' }, [folder('a')]).limits.numCtx;
    expect(two).toBeLessThan(some);
    expect(some).toBeLessThan(six);
  });

  it('is none where there is no model', () => {
    const ask = newAsk({ engine: 'cpu-ocr', model: null, profile: null }, aDefinition());
    const { contextAdvice, limits } = roomOf({ ask, profile: null, inputs: [], settings: DEFAULTS });
    expect([limits.numCtx, contextAdvice(0)]).toEqual([0, null]);
  });
});
