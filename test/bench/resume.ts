import { fileURLToPath } from 'node:url';
import { testFolder } from '../support/images.js';
import { startOllamaProcess } from '../support/ollama/process.js';
import { MODEL } from './bare-ask.js';
import { bareWalk, secondsFor } from './bare-walk.js';
import { type BenchOptions, type BenchResult, median } from './bench.js';
import { costOfProgram, costOfRun } from './costly.js';
import { writeJpegs } from './jpegs.js';

const STUB_RUN = fileURLToPath(new URL('./stub-run.js', import.meta.url));

/** A finished run of 100,000 items started again, from the start of the process to its end ÷ a bare walk. */
export async function resume({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const count = quick ? 20_000 : 100_000;
  await using folder = await testFolder();
  await using servers = await startOllamaProcess({ hosts: [{ models: [{ name: MODEL }] }] });
  await writeJpegs(folder.at('scans'), { count, aFolder: 1_000, bytes: 700 });
  await costOfProgram([STUB_RUN, 'scans', 'out.jsonl'], folder.path);
  const args = ['ocr', 'scans', '-o', 'out.jsonl', '--model', MODEL, '--host', servers.urls[0] ?? ''];
  const rounds: { readonly bare: number; readonly ours: number }[] = [];
  for (let round = 0; round < 5; round += 1) {
    const bare = await secondsFor(() => bareWalk(folder.at('scans')), count);
    rounds.push({ bare, ours: (await costOfRun(args, folder.path)).wallMs / 1000 });
  }
  const asks = (await servers.stats()).reduce((sum, host) => sum + host.asks, 0);
  if (asks > 0) throw new Error(`Expected a finished run to ask nothing, got ${asks} questions`);
  return [
    {
      name: 'resume',
      ratio: median(rounds.map(({ bare, ours }) => ours / bare)),
      reach: 5,
      better: 'lower',
      detail: {
        items: count,
        'ours s': median(rounds.map(({ ours }) => ours)).toFixed(2),
        'bare s': median(rounds.map(({ bare }) => bare)).toFixed(2),
      },
    },
  ];
}
