import { seeded } from '../runs.js';
import { describeFault, type Fault, type Victim } from './faults.js';

export const HOSTS = 4;
/** Of each host. */
export const SLOTS = 2;
/** Questions that a host gets at once: its slots, and one that is sent ahead. */
export const ROOM = SLOTS + 1;
export const WORKERS = 3;

/** What a schedule is made of; the same options make the same schedule. */
export interface ScheduleOptions {
  readonly seed: number;
  readonly queue: 'memory' | 'redis';
  readonly items: number;
  /** Everything lasts a fraction of its time, and what takes long to heal happens once at most. */
  readonly short: boolean;
}

/** A fault, and after how many answers of all hosts it strikes. */
export interface Step {
  readonly afterAnswers: number;
  readonly fault: Fault;
}

/** What happens in a run, in order. Moments are counted in answers, so that a slow machine plays the same. */
export interface Schedule extends ScheduleOptions {
  readonly steps: readonly Step[];
}

/** Draws numbers; everything random of a schedule comes from here. */
interface Dice {
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  one<T>(of: readonly [T, ...T[]]): T;
}

/** Part of a run's answers in which faults strike: the rest is left to heal. */
const FROM = 0.03;
const TO = 0.8;
/** What a killed worker held runs again after 5 to 15 s, so a short run has its faults early. */
const TO_OF_SHORT = 0.5;

/** Draws a schedule. */
export function scheduleOf(options: ScheduleOptions): Schedule {
  const random = seeded(options.seed);
  const dice: Dice = {
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
    one: (of) => of[Math.floor(random() * of.length)] ?? of[0],
  };
  const faults =
    options.queue === 'redis' ? [...onHosts(dice, options), ...onRedis(dice, options)] : inMemory(dice, options);
  const to = options.short ? TO_OF_SHORT : TO;
  const steps = faults.map((fault) => ({
    afterAnswers: Math.round(options.items * (FROM + (to - FROM) * random())),
    fault,
  }));
  return { ...options, steps: steps.sort((a, b) => a.afterAnswers - b.afterAnswers) };
}

/** A schedule in lines, as a failed seed prints it. */
export function describeSchedule({ seed, queue, items, steps }: Schedule): readonly string[] {
  const head = `Seed ${seed}, ${queue}, ${items} items:`;
  return [head, ...steps.map(({ afterAnswers, fault }) => `  after ${afterAnswers} answers: ${describeFault(fault)}`)];
}

function inMemory(dice: Dice, options: ScheduleOptions): readonly Fault[] {
  const coordinator = times(dice.between(1, options.short ? 1 : 3), () => kill(dice, 'coordinator'));
  const freeze = { kind: 'freeze', who: 'coordinator', forMs: scaled(dice.between(2_000, 8_000), options) } as const;
  return [...onHosts(dice, options), ...coordinator, freeze, clock(dice, 'coordinator')];
}

/** What befalls Redis, the way to it, and the processes on it. */
function onRedis(dice: Dice, options: ScheduleOptions): readonly Fault[] {
  const { short } = options;
  const worker = () => dice.between(0, WORKERS - 1);
  const faults: readonly Fault[] = [
    ...times(dice.between(1, short ? 1 : 3), () => kill(dice, 'coordinator')),
    ...times(dice.between(1, short ? 1 : 3), () => kill(dice, worker())),
    { kind: 'redis-kill', awayMs: scaled(dice.between(500, 12_000), options) },
    {
      kind: 'cut',
      worker: worker(),
      how: dice.one(['reset', 'silent']),
      forMs: scaled(dice.between(500, 14_000), options),
    },
    clock(dice, dice.one<Victim>(['coordinator', 0, 1, 2])),
  ];
  // The lock of a job lasts 10 s: a frozen worker finds its work done by others.
  const frozen = { kind: 'freeze', who: worker(), forMs: short ? 1_000 : dice.between(11_000, 16_000) } as const;
  return [...faults, frozen, ...times(dice.between(0, 1), () => ({ kind: 'redis-flush' }) as const)];
}

/** What befalls hosts, whoever asks them. */
function onHosts(dice: Dice, options: ScheduleOptions): readonly Fault[] {
  const host = () => dice.between(0, HOSTS - 1);
  // The last host stays: a start that finds none, or a run whose hosts all lost their model, ends, and rightly.
  const spared = () => dice.between(0, HOSTS - 2);
  const lasts = () => scaled(dice.between(500, 12_000), options);
  const most = options.short ? 1 : 2;
  return [
    ...times(dice.between(1, most), () => down(dice, spared(), lasts())),
    ...times(dice.between(1, most), () => ({ kind: 'host-ill', host: spared(), how: 'busy', forMs: lasts() }) as const),
    ...times(dice.between(0, 1), () => missing(dice, lasts())),
    { kind: 'host-ill', host: host(), how: 'slow', forMs: lasts() },
    ...(['reset', 'hang', 'crash'] as const).flatMap((how) =>
      times(dice.between(1, most), () => ({ kind: 'answer', host: host(), how }) as const),
    ),
    // An item of the second half, so that it is still to come.
    { kind: 'poison', item: dice.between(Math.ceil(options.items / 2), options.items - 1) },
  ];
}

function down(dice: Dice, host: number, forMs: number): Fault {
  return { kind: 'host-down', host, how: dice.one(['killed', 'terminated', 'off']), forMs };
}

function missing(dice: Dice, forMs: number): Fault {
  return { kind: 'host-ill', host: 0, how: dice.one(['model-missing', 'model-gone']), forMs };
}

function kill(dice: Dice, who: Victim): Fault {
  return { kind: 'kill', who, awayMs: dice.between(0, 1_500) };
}

function clock(dice: Dice, who: Victim): Fault {
  return { kind: 'clock', who, byMs: dice.one([-3_600_000, -20_000, 20_000, 3_600_000]) };
}

function scaled(ms: number, { short }: ScheduleOptions): number {
  return short ? Math.round(ms / 8) : ms;
}

function times<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}
