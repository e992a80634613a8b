import { readFileSync, writeFileSync } from 'node:fs';
import { constants, PerformanceObserver } from 'node:perf_hooks';

/** What a process cost, as {@link file} holds it when the process has ended. */
export interface Cost {
  /** User and system time of all threads, in milliseconds. */
  readonly cpuMs: number;
  /** Most anonymous memory seen, in bytes: what the process holds itself, without mapped files. */
  readonly peakAnonBytes: number;
  /**
   * Most of the heap that was in use after a full collection, in bytes: what the program holds, where the peak also has
   * what was not collected yet, which depends on how busy the machine is.
   */
  readonly heldHeapBytes: number;
}

const LOOK_EVERY_MS = 200;

/** Loaded into a process with `--import`, with the file to write in `BENCH_COST`. */
const file = process.env.BENCH_COST;
if (file !== undefined) {
  let peakAnonBytes = 0;
  let heldHeapBytes = 0;
  const look = () => {
    peakAnonBytes = Math.max(peakAnonBytes, anonBytes());
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  new PerformanceObserver((list) => {
    const isFull = list.getEntries().some((entry) => 'detail' in entry && isFullCollection(entry.detail));
    if (isFull) heldHeapBytes = Math.max(heldHeapBytes, process.memoryUsage().heapUsed);
  }).observe({ entryTypes: ['gc'] });
  process.once('exit', () => {
    look();
    const { user, system } = process.cpuUsage();
    writeFileSync(file, JSON.stringify({ cpuMs: (user + system) / 1000, peakAnonBytes, heldHeapBytes } satisfies Cost));
  });
}

/** Linux tells the anonymous part; elsewhere all that is resident stands for it. */
function anonBytes(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** @param detail - of a `gc` entry */
function isFullCollection(detail: unknown): boolean {
  return (
    typeof detail === 'object' &&
    detail !== null &&
    'kind' in detail &&
    detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR
  );
}
