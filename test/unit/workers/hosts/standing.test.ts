import { expect, it } from 'vitest';
import { SILENT } from '../../../../src/core/telling.js';
import { Standing } from '../../../../workers/hosts/standing.js';

const HOST = 'http://gpu1:11434';
const UNREACHABLE = { code: 'HOST_UNREACHABLE', message: `${HOST} cannot be reached.` } as const;
const BUSY = { code: 'HOST_BUSY', message: `${HOST} has too many requests waiting.` } as const;

function aStanding() {
  const told: string[] = [];
  const say = (line: string) => void told.push(line);
  return { told, standing: new Standing(HOST, { ...SILENT, info: say, warn: say }) };
}

it('tells once of a host in trouble, which it names once, and when that serves again', () => {
  const { standing, told } = aStanding();
  standing.serve();
  standing.note(UNREACHABLE);
  standing.note(UNREACHABLE);
  standing.serve();
  standing.serve();
  expect(told).toEqual([`${HOST} cannot be reached.`, `${HOST} serves again.`]);
});

it('tells once of a host at rest, and when that serves again', () => {
  const { standing, told } = aStanding();
  standing.wait('resting', 'asleep until 20:00');
  standing.wait('resting', 'asleep until 20:00');
  standing.serve();
  expect(told).toEqual([`${HOST} takes no items: asleep until 20:00.`, `${HOST} serves again.`]);
});

it('says nothing of turns, and warns of a busy host though others used it before', () => {
  const { standing, told } = aStanding();
  standing.wait('queued', 'it serves other of run 7 first.');
  standing.serve();
  standing.wait('queued', 'it serves other of run 7 first.');
  expect(told).toEqual([]);
  standing.note(BUSY);
  expect(told).toEqual([BUSY.message]);
});

it('still says at the end of the run what was in the way of its host', () => {
  const { standing } = aStanding();
  standing.note(UNREACHABLE);
  standing.close();
  expect([standing.state, standing.trouble]).toEqual(['closing', UNREACHABLE]);
});
