import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress, resolveProgressMode } from '../../../src/telemetry/create-progress.js';
import type { ProgressMode } from '../../../src/telemetry/progress.js';
import { aSnapshot } from './snapshots.js';

/** A progress on a stream of its own, with a clock that a test sets. */
async function aProgress(mode: ProgressMode) {
  const stream = Object.assign(new PassThrough(), { columns: 80, rows: 24, isTTY: mode === 'tty' });
  const clock = { nowMs: 0 };
  const progress = await createProgress({ mode, stream, everyMs: 10_000, clock: () => clock.nowMs });
  return { progress, clock, written: () => String(stream.read() ?? '') };
}

describe('progress: auto', () => {
  const terminal = { isTty: true, ci: false, term: 'xterm-256color' };
  it.each([
    ['a panel on a terminal', terminal, 'tty'],
    ['lines where stderr is a file', { ...terminal, isTty: false }, 'plain'],
    ['lines on a build server', { ...terminal, ci: true }, 'plain'],
    ['lines on a dumb terminal', { ...terminal, term: 'dumb' }, 'plain'],
    ['a panel where TERM is not set', { ...terminal, term: null }, 'tty'],
  ])('is %s', (_, facts, mode) => {
    expect(resolveProgressMode('auto', facts)).toBe(mode);
    expect(resolveProgressMode('json', facts)).toBe('json');
  });
});

describe('progress in lines', () => {
  it('says a line every ten seconds, however often it is updated', async () => {
    const { progress, clock, written } = await aProgress('plain');
    for (; clock.nowMs <= 25_000; clock.nowMs += 100) progress.update(aSnapshot());
    expect(written().split('\n')).toEqual([expect.stringMatching(/^43 of/), expect.stringMatching(/^43 of/), '']);
  });

  it('says at once that the run waits, once, and that it goes on', async () => {
    const { progress, written } = await aProgress('plain');
    for (let i = 0; i < 3; i += 1) progress.update(aSnapshot({ waitingFor: 'a host that answers' }));
    expect(written()).toMatch(/^[^\n]* · waiting for a host that answers\n$/);
    progress.update(aSnapshot());
    expect(written()).not.toContain('waiting');
  });

  it('is JSON in every line, notes too', async () => {
    const { progress, clock, written } = await aProgress('json');
    clock.nowMs = 10_000;
    progress.update(aSnapshot());
    progress.note('host left');
    progress.note('{"level":"warn","msg":"host is back"}');
    const events = written()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toMatchObject([
      { event: 'progress' },
      { event: 'note', message: 'host left' },
      { event: 'note', level: 'warn', msg: 'host is back' },
    ]);
  });

  it('says nothing but notes where none is wanted', async () => {
    const { progress, clock, written } = await aProgress('none');
    clock.nowMs = 10_000;
    progress.update(aSnapshot({ waitingFor: 'hosts' }));
    progress.note('host left');
    expect(written()).toBe('host left\n');
  });

  it('never moves a cursor', async () => {
    const { progress, clock, written } = await aProgress('plain');
    clock.nowMs = 10_000;
    progress.update(aSnapshot());
    progress.note('a');
    progress.finish();
    expect(written()).not.toContain('\u001b');
  });
});

describe('the live panel', () => {
  it('takes itself away for a note and stands below it again', async () => {
    const { progress, written } = await aProgress('tty');
    progress.update(aSnapshot());
    written();
    progress.note('host left');
    const [before = '', after = ''] = written().split('host left\n');
    expect(before).toContain('\u001b[2K');
    expect(after).toContain('43 of 100');
  });

  it('is drawn at most ten times a second', async () => {
    const { progress, clock, written } = await aProgress('tty');
    progress.update(aSnapshot());
    written();
    clock.nowMs = 99;
    progress.update(aSnapshot({ ratePerS: 7 }));
    expect(written()).toBe('');
    clock.nowMs = 100;
    progress.update(aSnapshot({ ratePerS: 7 }));
    expect(written()).toContain('7.0/s');
  });

  it('shows how fast each host is', async () => {
    const { progress, clock, written } = await aProgress('tty');
    const lane = aSnapshot().lanes[0];
    for (const done of [0, 30]) {
      progress.update(aSnapshot({ lanes: lane === undefined ? [] : [{ ...lane, done }] }));
      clock.nowMs += 10_000;
    }
    expect(written()).toContain('3.0/s');
  });

  it('leaves nothing behind when it is finished', async () => {
    const { progress, written } = await aProgress('tty');
    progress.update(aSnapshot());
    written();
    progress.finish();
    expect(written()).not.toContain('43 of');
    progress.finish();
    expect(written()).toBe('');
  });
});
