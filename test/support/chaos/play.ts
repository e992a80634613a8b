import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliEnd } from '../cli.js';
import { type Arena, type Ground, openArena } from './arena.js';
import { describeSchedule, type Schedule } from './schedule.js';
import { Striker } from './strikes.js';
import { judge } from './verdict.js';

/** What came of a seed. */
export interface Outcome {
  /** Everything that is not as it should be, a line each. */
  readonly problems: readonly string[];
  /** Steps that struck before the run was over. */
  readonly struck: number;
  readonly asks: number;
  readonly seconds: number;
  /** Where everything that the processes said is kept; null where all is well. */
  readonly said: string | null;
}

/** How often progress is looked at. */
const LOOK_MS = 25;
/** Without an answer for so long, and nothing wrong any more, a run hangs. */
const HANGS_MS = 180_000;

/** Plays a schedule to its end and judges what is left of it. */
export async function play(ground: Ground, schedule: Schedule): Promise<Outcome> {
  const startedMs = performance.now();
  await using arena = await openArena(ground, schedule);
  const striker = new Striker(arena);
  const struck = await strikeAll(arena, schedule, striker);
  const [end] = await Promise.all([endOf(arena), striker.healed()]);
  const problems = end === null ? ['The run hangs'] : await judge(arena, schedule, end);
  return {
    problems,
    struck,
    asks: (await progressOf(ground)).asks,
    seconds: (performance.now() - startedMs) / 1_000,
    said: problems.length === 0 ? null : await keepSaid(arena, schedule),
  };
}

/** A failed seed in lines, with the command that plays it again. */
export function describeOutcome(schedule: Schedule, { problems, said }: Outcome): readonly string[] {
  const { seed, queue, items, short } = schedule;
  const again = `npm run test:chaos -- --queue ${queue} --seed ${seed} --seeds 1 --items ${items}${short ? ' --short' : ''}`;
  return [
    ...problems.slice(0, 20),
    ...(problems.length > 20 ? [`and ${problems.length - 20} more`] : []),
    ...describeSchedule(schedule),
    `What the processes said: ${said}`,
    `Again: ${again}`,
  ];
}

/** Strikes each step when its moment comes; returns how many came before the run was over. */
async function strikeAll({ coordinator, ground }: Arena, { steps }: Schedule, striker: Striker): Promise<number> {
  let struck = 0;
  for (const { afterAnswers, fault } of steps) {
    while (!coordinator.hasEnded && (await progressOf(ground)).answered < afterAnswers) await sleep(LOOK_MS);
    if (coordinator.hasEnded) break;
    striker.strike(fault);
    struck += 1;
  }
  return struck;
}

/** How the coordinator ends; null where it does not, though nothing is answered any more. */
async function endOf({ coordinator, ground }: Arena): Promise<CliEnd | null> {
  let answered = -1;
  let sinceMs = performance.now();
  while (!coordinator.hasEnded) {
    const now = (await progressOf(ground)).answered;
    if (now !== answered) sinceMs = performance.now();
    if (performance.now() - sinceMs > HANGS_MS) return null;
    answered = now;
    await sleep(LOOK_MS);
  }
  return coordinator.end;
}

async function progressOf({ stage }: Ground): Promise<{ readonly asks: number; readonly answered: number }> {
  const hosts = await stage.ollama.stats();
  const sum = (of: 'asks' | 'answered') => hosts.reduce((total, host) => total + host[of], 0);
  return { asks: sum('asks'), answered: sum('answered') };
}

async function keepSaid({ coordinator, workers }: Arena, { seed, queue }: Schedule): Promise<string> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'visionbatch-chaos-')), `${queue}-${seed}.log`);
  await writeFile(file, [coordinator, ...workers].map(({ said }) => said).join('\n'));
  return file;
}
