// The long form of the chaos suite: npm run test:chaos [-- --seed N --seeds N --items N --queue memory|redis --short]
import process, { argv, stderr } from 'node:process';
import { parseArgs } from 'node:util';
import { type Ground, openGround } from '../support/chaos/arena.js';
import { describeOutcome, play } from '../support/chaos/play.js';
import { scheduleOf } from '../support/chaos/schedule.js';
import { CLOCKS_STAND } from '../support/clock.js';

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '20' },
    items: { type: 'string', default: '2000' },
    queue: { type: 'string', default: 'memory,redis' },
    short: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => first + index);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130)); // takes its processes along

if (CLOCKS_STAND !== null) say(`Clocks do not jump: ${CLOCKS_STAND}`);
await using ground = await openGround(Number(values.items));
let failed = 0;
for (const queue of ['memory', 'redis'] as const) {
  if (!values.queue.split(',').includes(queue)) continue;
  for (const seed of seeds) failed += (await passes(ground, queue, seed)) ? 0 : 1;
}
say(failed === 0 ? 'Every seed is as it should be.' : `${failed} seeds failed.`);
process.exitCode = failed === 0 ? 0 : 1;

async function passes(on: Ground, queue: 'memory' | 'redis', seed: number): Promise<boolean> {
  const schedule = scheduleOf({ seed, queue, items: on.stage.keys.length, short: values.short });
  const outcome = await play(on, schedule);
  const { asks, problems, seconds, struck } = outcome;
  const passed = problems.length === 0;
  const figures = `${struck} of ${schedule.steps.length} faults, ${asks} asks, ${seconds.toFixed(0)} s`;
  say(`${passed ? 'ok  ' : 'FAIL'} ${queue} seed ${seed}: ${figures}`);
  if (!passed) say(describeOutcome(schedule, outcome).join('\n').replaceAll(/^/gm, '    '));
  return passed;
}

function say(line: string): void {
  stderr.write(`${line}\n`);
}
