import { argv, stderr, stdout } from 'node:process';
import { type Bench, describeResult } from './bench.js';

/** Every benchmark by name; imported only when asked for. */
const BENCHES: ReadonlyMap<string, () => Promise<Bench>> = new Map([
  ['start', async () => (await import('./start.js')).start],
  ['pixels', async () => (await import('./pixels.js')).pixels],
  ['pdf', async () => (await import('./pdf.js')).pdf],
  ['export', async () => (await import('./export.js')).exporting],
  ['walk', async () => (await import('./walk.js')).walk],
  ['guard', async () => (await import('./guard.js')).guard],
  ['transport', async () => (await import('./transport.js')).transport],
  ['client-cpu', async () => (await import('./client-cpu.js')).clientCpu],
  ['saturation', async () => (await import('./saturation.js')).saturation],
  ['saturation-workers', async () => (await import('./saturation-workers.js')).saturationWorkers],
  ['saturation-shared', async () => (await import('./saturation-workers.js')).saturationShared],
  ['heavy-tail', async () => (await import('./heavy-tail.js')).heavyTail],
  ['decoding', async () => (await import('./saturation.js')).decoding],
  ['unequal', async () => (await import('./saturation.js')).unequal],
  ['fleet', async () => (await import('./saturation.js')).fleet],
  ['producer', async () => (await import('./producer.js')).producer],
  ['memory', async () => (await import('./memory.js')).memory],
  ['slots', async () => (await import('./slots.js')).slots],
  ['two-runs', async () => (await import('./two-runs.js')).twoRuns],
  ['comeback', async () => (await import('./comeback.js')).comeback],
  ['lost', async () => (await import('./lost.js')).lost],
  ['resume', async () => (await import('./resume.js')).resume],
]);

const asked = argv.slice(2).filter((name) => name !== '--quick');
const quick = argv.includes('--quick');
const names = asked.length > 0 ? asked : [...BENCHES.keys()];
const unknown = names.filter((name) => !BENCHES.has(name));
if (unknown.length > 0) {
  stderr.write(`Expected benchmarks of ${[...BENCHES.keys()].join(', ')}, got ${unknown.join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const name of names) {
    const bench = await BENCHES.get(name)?.();
    for (const result of (await bench?.({ quick })) ?? []) stdout.write(`${describeResult(result)}\n`);
  }
}
