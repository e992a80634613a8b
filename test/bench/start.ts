import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BenchResult, median } from './bench.js';

const ROUNDS = 25;
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** How long the built command takes to print its help or its version ÷ an empty Node. The worse of both counts. */
export async function start(): Promise<readonly BenchResult[]> {
  const times = { bare: [] as number[], help: [] as number[], version: [] as number[], ocrHelp: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    // interleaved, so that a busy moment of the machine meets all of them
    times.bare.push(timeMs(['-e', '0']));
    times.help.push(timeMs([MAIN, '--help']));
    times.version.push(timeMs([MAIN, '--version']));
    times.ocrHelp.push(timeMs([MAIN, 'ocr', '--help']));
  }
  const bareMs = median(times.bare);
  const [helpMs, versionMs, ocrHelpMs] = [median(times.help), median(times.version), median(times.ocrHelp)];
  return [
    {
      name: 'start',
      ratio: Math.max(helpMs, versionMs) / bareMs,
      reach: 2.5,
      better: 'lower',
      detail: {
        'node -e 0 ms': Math.round(bareMs),
        '--help ms': Math.round(helpMs),
        '--version ms': Math.round(versionMs),
        'ocr --help ms (not counted)': Math.round(ocrHelpMs),
      },
    },
  ];
}

function timeMs(args: readonly string[]): number {
  const started = performance.now();
  const { status } = spawnSync(execPath, args, { stdio: 'ignore' });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`Expected \`${args.join(' ')}\` to succeed, got exit code ${status}`);
  return ms;
}
