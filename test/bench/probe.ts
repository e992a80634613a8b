import { readFileSync, writeFileSync } from 'node:fs';

/** What a process cost, as {@link file} holds it when the process has ended. */
export interface Cost {
  /** User and system time of all threads, in milliseconds. */
  readonly cpuMs: number;
  /** Most anonymous memory seen, in bytes: what the process holds itself, without mapped files. */
  readonly peakAnonBytes: number;
}

const LOOK_EVERY_MS = 200;

/** Loaded into a process with `--import`, with the file to write in `BENCH_COST`. */
const file = process.env.BENCH_COST;
if (file !== undefined) {
  let peakAnonBytes = 0;
  const look = () => {
    peakAnonBytes = Math.max(peakAnonBytes, anonBytes());
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  process.once('exit', () => {
    look();
    const { user, system } = process.cpuUsage();
    writeFileSync(file, JSON.stringify({ cpuMs: (user + system) / 1000, peakAnonBytes } satisfies Cost));
  });
}

/** Linux tells the anonymous part; elsewhere all that is resident stands for it. */
function anonBytes(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
