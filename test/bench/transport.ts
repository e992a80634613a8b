import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { Agent } from 'undici';
import { SILENT } from '../../src/core/telling.js';
import { askWithin } from '../../src/engines/guard/ask-within.js';
import { LoopGuard } from '../../src/engines/guard/loop-guard.js';
import { createOllamaEngine } from '../../src/engines/ollama/client.js';
import { startOllamaProcess } from '../support/ollama/process.js';
import { askBare, MODEL, PROMPT } from './bare-ask.js';
import { type BenchResult, median } from './bench.js';

const ROUNDS = 15;
const IMAGES_A_ROUND = 80;
const AT_ONCE = 4;
const IMAGE_BYTES = 100_000;
const CHUNKS = 30;
const DAY_MS = 86_400_000;

type AskOne = () => Promise<string>;

/**
 * CPU time of this process for one image through guard, client and transport ÷ that of a bare loop which reads the
 * file, encodes base64 and JSON, sends with undici.request and reads the answer.
 */
export async function transport(): Promise<readonly BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'client-cpu-'));
  const file = join(folder, 'image.bin');
  await writeFile(file, randomBytes(IMAGE_BYTES));
  await using server = await startOllamaProcess({
    hosts: [{ models: [{ name: MODEL }], slots: AT_ONCE, chunks: CHUNKS, serviceMs: 30, fast: true }],
  });
  const url = server.urls[0] ?? '';
  const agent = new Agent({ connections: AT_ONCE, headersTimeout: 0, bodyTimeout: 0 });
  const engine = createOllamaEngine({ url, connections: AT_ONCE, connectTimeoutMs: 5_000, logger: SILENT });
  try {
    const bare = () => askBare({ url, dispatcher: agent, file });
    const ours: AskOne = async () => {
      const bytes = await readFile(file);
      const answer = await askWithin({
        ask: (signal) => engine.ask(questionAbout(bytes), signal),
        signals: [],
        guard: new LoopGuard({ maxRows: 100 }),
        budgets: { firstTokenMs: DAY_MS, silenceMs: DAY_MS, itemMs: DAY_MS },
        clockStarts: Promise.resolve(),
        onFirstToken: () => {},
        onDelta: () => {},
        onEnd: () => {},
      });
      return answer.text;
    };
    return [await compare(bare, ours)];
  } finally {
    await engine.close();
    await agent.destroy();
    await rm(folder, { recursive: true });
  }
}

async function compare(bare: AskOne, ours: AskOne): Promise<BenchResult> {
  if ((await bare()) !== (await ours())) throw new Error('Expected the same answer from both');
  await cpuMsFor(bare);
  await cpuMsFor(ours);
  const rounds: { readonly bare: number; readonly ours: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push({ bare: await cpuMsFor(bare), ours: await cpuMsFor(ours) });
  return {
    name: 'transport',
    ratio: median(rounds.map((round) => round.ours / round.bare)),
    reach: 1.5,
    better: 'lower',
    detail: {
      'ours ms': median(rounds.map((round) => round.ours)).toFixed(2),
      'bare ms': median(rounds.map((round) => round.bare)).toFixed(2),
    },
  };
}

/** Milliseconds of CPU time an image, all threads of this process. */
async function cpuMsFor(one: AskOne): Promise<number> {
  const limit = pLimit(AT_ONCE);
  const start = process.cpuUsage();
  await Promise.all(Array.from({ length: IMAGES_A_ROUND }, () => limit(one)));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / IMAGES_A_ROUND;
}

function questionAbout(bytes: Uint8Array) {
  return {
    model: MODEL,
    system: null,
    profile: { family: 'unknown', imagePlacement: 'before', rendered: false, maxImages: 1 },
    messages: [{ role: 'user', text: PROMPT }],
    images: [{ bytes, width: 1, height: 1 }],
    lang: 'eng',
    schema: null,
    options: { temperature: 0, maxTokens: 512, seed: null, repeatPenalty: null, stop: [], extra: {} },
    numCtx: 8192,
    wantsConfidence: false,
  } as const;
}
