import { argv, cwd, stderr, stdin, stdout } from 'node:process';
import { loadSettings } from '../../config/load.js';
import { surroundingsOf } from '../../config/surroundings.js';
import { runBatch } from '../../src/app/run.js';
import type { Engine, HostFacts } from '../../src/engines/engine.js';
import { MODEL } from './bare-ask.js';

/**
 * A whole run but for the engine, as a program of its own: input folder and output, and where it is shared a Redis. The
 * host lies in this process and answers at once, so that a million items take minutes.
 */
const [input = '', output = '', redis] = argv.slice(2);
const SLOTS = 16;
const HOST = 'http://stub.invalid';
const FACTS: HostFacts = { version: '0', digest: null, model: null, singleParallel: false, remote: null, warnings: [] };
const TOKENS = { prompt: 500, output: 60 };
const TIMES = { load: 0, prompt: 1, generate: 1 };
const TEXT = 'The quick brown fox jumps over the lazy dog.\n'.repeat(4);
const ANSWER = { text: TEXT, end: 'complete', tokens: TOKENS, timingMs: TIMES, confidence: null } as const;

const stub: Engine = {
  name: 'ollama',
  host: HOST,
  tasks: new Set(['ocr']),
  generates: true,
  visionModels: async () => [MODEL],
  models: async () => ({ version: '0', models: [] }),
  describeModel: async () => null,
  preflight: async () => FACTS,
  preload: async () => FACTS,
  trial: async () => null,
  digest: async () => null,
  pull: async () => {},
  unload: async () => {},
  async *ask() {
    yield { text: TEXT };
    yield { answer: ANSWER };
  },
  probe: async () => true,
  close: async () => {},
};

const stdoutEnds = { outliveStdout: () => new AbortController().signal, abandonStdout: () => {} };
const io = {
  cwd: cwd(),
  stdin: () => stdin,
  stdout,
  ...stdoutEnds,
  stderr,
  version: '0',
  surroundings: surroundingsOf({}),
};
const flags = {
  output: [output],
  model: MODEL,
  pixels: 'as-is',
  host: [HOST],
  ...(redis === undefined ? {} : { redis }),
};
const { settings, given } = await loadSettings({
  command: 'ocr',
  task: 'ocr',
  flags,
  env: {},
  file: null,
  cwd: io.cwd,
});
const createHosts = () => [{ engine: stub, slots: SLOTS, ahead: 1, sleep: [] }];
process.exitCode = await runBatch({ task: 'ocr', taskFile: null, inputs: [input], settings, given, createHosts }, io);
