import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../config/load.js';
import { surroundingsOf } from '../../../config/surroundings.js';
import type { LookedHost } from '../../../src/app/models/look.js';
import { sharedModels } from '../../../src/app/models/look.js';
import { showModels } from '../../../src/app/models/show.js';
import { inBytes, modelLines } from '../../../src/app/models/words.js';
import type { HostModel } from '../../../src/engines/engine.js';

function aModel(name: string, more: Partial<HostModel> = {}): HostModel {
  const model = {
    architecture: null,
    families: [],
    parameterSize: '4.3B',
    contextLength: 131_072,
    thinks: false,
    sees: true,
    hasTemplate: true,
  };
  return {
    name,
    digest: 'a'.repeat(64),
    sizeBytes: 3e9,
    model,
    singleParallel: false,
    remote: null,
    loaded: null,
    ...more,
  };
}

const aHost = (host: string, ...models: readonly HostModel[]): LookedHost => ({
  host,
  version: '0.33.0',
  error: null,
  models,
});
const GONE: LookedHost = {
  host: 'c',
  version: null,
  error: { code: 'HOST_UNREACHABLE', message: 'gone.' },
  models: [],
};

function linesOf(...looked: readonly LookedHost[]): string {
  return modelLines(looked, sharedModels(looked)).join('\n');
}

describe('a list of models', () => {
  it('calls a model the same where every host that answers has it with one digest', () => {
    const looked = [aHost('a', aModel('x'), aModel('y')), aHost('b', aModel('x'), aModel('z')), GONE];
    expect(
      sharedModels(looked)
        .filter(({ isSame }) => isSame)
        .map(({ name }) => name),
    ).toEqual(['x']);
  });

  it('says which host has which version of the others', () => {
    const text = linesOf(aHost('a', aModel('x')), aHost('b', aModel('x', { digest: 'b'.repeat(64) })));
    expect(text).toContain('The same on all 2 hosts: none');
    expect(text).toContain('Not the same: x is aaaaaaaaaaaa on a; bbbbbbbbbbbb on b');
  });

  it('says which hosts lack a model that others have', () => {
    const other = aModel('x', { digest: 'b'.repeat(64) });
    const text = linesOf(aHost('a', aModel('x'), aModel('y')), aHost('b', aModel('y')), aHost('d', other), GONE);
    expect(text).toContain('Not the same: x is aaaaaaaaaaaa on a; bbbbbbbbbbbb on d; missing on b');
    expect(text).toContain('Not everywhere: y is on a, b; missing on d');
  });

  it('says how much of a model is on the GPU, and where images would go', () => {
    const loaded = { gpuShare: 0.5, contextLength: 8_192 };
    const text = linesOf(aHost('a', aModel('x', { loaded }), aModel('y', { remote: 'https://ollama.com' })));
    expect(text).toContain('50 % of it on the GPU, context 8192');
    expect(text).toContain('images leave the host: runs at https://ollama.com');
  });

  it('compares nothing where one host answers', () => {
    expect(linesOf(aHost('a', aModel('x')), GONE)).not.toContain('same');
    expect(linesOf(aHost('a'))).toContain('no vision model');
  });

  it('counts bytes as people do', () => {
    expect([5, 6.1e8, 6.06e9].map(inBytes)).toEqual(['1 MB', '610 MB', '6.1 GB']);
  });
});

it('ends with exit code 3 where no host answers', async () => {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text) > 0 };
  const given = {
    command: 'models',
    task: null,
    flags: { host: ['http://127.0.0.1:9'] },
    env: {},
    file: null,
  } as const;
  const { settings } = await loadSettings({ ...given, cwd: '/' });
  const io = { ...process, cwd: '/', stdout } as unknown as Parameters<typeof showModels>[1];
  expect(await showModels(settings, { ...io, surroundings: surroundingsOf({}) })).toBe(3);
  expect(written.join('')).toContain('http://127.0.0.1:9  does not answer: HOST_UNREACHABLE');
});
