import { argv, stderr, stdout } from 'node:process';
import { type Bench, describeResult } from './bench.js';

/** Every benchmark by name; imported only when asked for. */
const BENCHES: ReadonlyMap<string, () => Promise<Bench>> = new Map([
  ['start', async () => (await import('./start.js')).start],
  ['pixels', async () => (await import('./pixels.js')).pixels],
  ['client-cpu', async () => (await import('./client-cpu.js')).clientCpu],
  ['walk', async () => (await import('./walk.js')).walk],
]);

const names = argv.length > 2 ? argv.slice(2) : [...BENCHES.keys()];
const unknown = names.filter((name) => !BENCHES.has(name));
if (unknown.length > 0) {
  stderr.write(`Expected benchmarks of ${[...BENCHES.keys()].join(', ')}, got ${unknown.join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const name of names) {
    const bench = await BENCHES.get(name)?.();
    if (bench !== undefined) stdout.write(`${describeResult(await bench())}\n`);
  }
}
