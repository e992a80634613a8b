import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DURATION, showDuration } from '../../../config/duration.js';
import { decimal, SWITCH, several, text, whole } from '../../../config/kinds.js';
import { OPTIONS } from '../../../config/options.js';
import type { Kind } from '../../../config/setting.js';
import { AGAIN } from '../../../config/settings/again.js';
import { ASK } from '../../../config/settings/ask.js';
import { TRUST } from '../../../config/settings/trust.js';
import { WHERE } from '../../../config/settings/where.js';
import { FAILURE_CODES } from '../../../src/core/errors.js';

const read = <T>(kind: Kind<T>, raw: unknown): T => kind.type.parse(raw);
const refusal = (kind: Kind<unknown>, raw: unknown): string | undefined =>
  kind.type
    .safeParse(raw)
    .error?.issues.map(({ message }) => message)
    .join('\n');

describe('a duration', () => {
  it.each([
    ['10m', 600_000],
    ['60s', 60_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['24d', 2_073_600_000],
  ])('reads %s', (written, ms) => {
    expect(read(DURATION, written)).toBe(ms);
  });

  it('asks for a unit where a bare number was given', () => {
    expect(refusal(DURATION, '90')).toContain('did you mean 90s ?');
    expect(refusal(DURATION, 90)).toContain('did you mean 90s ?');
  });

  it('refuses what a timer of Node cannot hold', () => {
    expect(refusal(DURATION, '25d')).toContain('from 1ms to 24d');
  });

  it.each(['', '0s', '-5s', '5 s', 'm', '5x', true])('refuses %j', (written) => {
    expect(refusal(DURATION, written)).toContain('Expected a time such as');
  });

  it('reads back what it shows', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2_073_600_000 }), (ms) => read(DURATION, showDuration(ms)) === ms));
  });
});

describe('numbers and switches', () => {
  it('keeps a whole number whole and in its range', () => {
    const kind = whole({ min: 1, max: 9 });
    expect(read(kind, '7')).toBe(7);
    expect(read(whole({ min: 1 }), '3_000_000')).toBe(3_000_000);
    for (const bad of ['0', '10', '1.5', 1.5, '', ' 7', '0x7', null, true]) {
      expect(refusal(kind, bad)).toBe(`Expected a whole number from 1 to 9, got ${JSON.stringify(bad)}`);
    }
  });

  it('reads a decimal as people write it', () => {
    const kind = decimal({ min: 0, max: 2 });
    expect([read(kind, '0.7'), read(kind, '.5'), read(kind, 2)]).toEqual([0.7, 0.5, 2]);
    expect(refusal(kind, '2.1')).toContain('a number from 0 to 2');
  });

  it('reads a switch from a variable', () => {
    expect(['true', 'Yes', 'on', '1', true].map((raw) => read(SWITCH, raw))).toEqual(Array(5).fill(true));
    expect(['false', 'NO', 'off', '0', false].map((raw) => read(SWITCH, raw))).toEqual(Array(5).fill(false));
    expect(refusal(SWITCH, 'maybe')).toBe('Expected true or false, got "maybe"');
  });

  it('takes one value for a list of one', () => {
    expect(read(several(text('GLOB')), '*.jpg')).toEqual(['*.jpg']);
  });
});

describe('the words of a question', () => {
  it.each(['prompt', 'system'] as const)('refuses an image placeholder in the %s', (key) => {
    expect(refusal(ASK[key].kind, 'What is in [img-0]?')).toContain('the server would take it for an image');
  });
});

describe('sampling options', () => {
  it('recognises numbers and booleans', () => {
    expect(read(OPTIONS, ['top_k=20', 'min_p=0.05', 'penalize_newline=false', 'stop=a=b'])).toEqual({
      top_k: 20,
      min_p: 0.05,
      penalize_newline: false,
      stop: 'a=b',
    });
    expect(read(OPTIONS, { top_k: 20, mirostat: '1' })).toEqual({ top_k: 20, mirostat: 1 });
  });

  it('sends the user to the setting that an option has', () => {
    expect(refusal(OPTIONS, 'num_predict=9')).toContain('use --max-tokens');
  });

  it('refuses options that load the model again', () => {
    expect(refusal(OPTIONS, 'num_gpu=9')).toContain('set it in the Modelfile');
  });
});

describe('what is done again', () => {
  const codes = AGAIN.retryFailed.kind;

  it('takes all failures, or those with the codes given', () => {
    expect(read(codes, 'all')).toEqual(FAILURE_CODES);
    expect(read(codes, 'ANSWER_EMPTY,ITEM_TIMEOUT')).toEqual(['ANSWER_EMPTY', 'ITEM_TIMEOUT']);
  });

  it('suggests the code that was meant', () => {
    expect(refusal(codes, 'ANSWER_EMTPY')).toContain('did you mean ANSWER_EMPTY ?');
  });

  it('reads the time of day at which to stop', () => {
    expect(read(AGAIN.until.kind, '07:00')).toEqual({ hour: 7, minute: 0 });
    for (const bad of ['24:00', '7', '07:60', '7pm']) expect(refusal(AGAIN.until.kind, bad)).toContain('such as 07:00');
  });

  it('reads the share of failures that fails a run', () => {
    const read100 = ['any', 'never', '2.5%'].map((raw) => read(AGAIN.failOverPercent.kind, raw));
    expect(read100).toEqual([0, 100, 2.5]);
    expect(refusal(AGAIN.failOverPercent.kind, '101%')).toContain('a share such as 5%');
  });
});

describe('what is read a second time', () => {
  it('is every page, or a share of them', () => {
    const { kind } = TRUST.verify;
    expect(read(kind, 'cpu')).toEqual({ share: 1 });
    expect(read(kind, 'cpu=2.5%')).toEqual({ share: 0.025 });
    for (const raw of ['cpu', 'cpu=7%', 'cpu=0.1%']) expect(kind.show(kind.type.parse(raw))).toBe(raw);
  });

  it.each(['gpu', 'cpu=', 'cpu=0%', 'cpu=101%', 'cpu=10', '10%', true])('is not %j', (raw) => {
    expect(refusal(TRUST.verify.kind, raw)).toContain('a share of the pages such as cpu=10%');
  });
});

describe('outputs, names and roots', () => {
  it.each(['a.csv', '/x/ä b.JSONL', '-'])('writes to %s', (path) => {
    expect(read(WHERE.outputs.kind, path)).toEqual([path]);
  });

  it.each(['a.txt', 'a', '.csv', '', 'x/.jsonl'])('does not write to %j', (path) => {
    expect(refusal(WHERE.outputs.kind, path)).toContain('.jsonl or .csv');
  });

  it.each(['../x', 'a/b', '.hidden', ''])('refuses %j for a name, which becomes a folder', (name) => {
    expect(refusal(WHERE.name.kind, name)).toContain('Expected a name');
  });

  it('splits a root at its first equals sign', () => {
    expect(read(WHERE.roots.kind, 'scans=/mnt/a=b')).toEqual([{ name: 'scans', path: '/mnt/a=b' }]);
    expect(refusal(WHERE.roots.kind, '/mnt/scans')).toContain('NAME=PATH');
  });
});
