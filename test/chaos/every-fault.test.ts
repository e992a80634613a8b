import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/fingerprint.js';
import type { Outcome } from '../support/ollama/faults.js';
import { startRedis } from '../support/redis.js';
import { readRows } from '../support/rows.js';
import { endsWith, type Stage, startStage } from '../support/runs.js';

/** What strikes an item: every time it is asked, or so many times; and what its row must then say. */
interface Fault {
  readonly outcome: Outcome;
  readonly times?: number;
  readonly status: string;
  readonly warning?: string;
  readonly code?: string;
}

const LOOP = { kind: 'loop', text: 'the same words again' } as const;

/** Faults of the server and of its answers that any task meets. */
const OF_ANY_TASK: readonly Fault[] = [
  { outcome: LOOP, status: 'looped', code: 'ANSWER_LOOPED' },
  { outcome: LOOP, times: 1, status: 'ok', warning: 'rescued:penalty' },
  { outcome: { kind: 'loop', text: 'no' }, status: 'looped', code: 'ANSWER_LOOPED' },
  { outcome: { kind: 'whitespace' }, status: 'looped', code: 'ANSWER_LOOPED' },
  { outcome: { kind: 'length', afterTokens: 2 }, status: 'truncated', code: 'ANSWER_TRUNCATED' },
  { outcome: { kind: 'length', afterTokens: 2 }, times: 1, status: 'ok', warning: 'rescued:more-tokens' },
  { outcome: { kind: 'silent-end', afterTokens: 3 }, status: 'truncated', code: 'ANSWER_TRUNCATED' },
  { outcome: { kind: 'empty' }, status: 'empty', code: 'ANSWER_EMPTY' },
  { outcome: { kind: 'empty' }, times: 1, status: 'ok', warning: 'rescued:warmer' },
  { outcome: { kind: 'thinking-only' }, status: 'empty', code: 'ANSWER_EMPTY' },
  { outcome: { kind: 'hang', afterTokens: 0 }, times: 1, status: 'ok' },
  { outcome: { kind: 'hang', afterTokens: 2 }, times: 1, status: 'ok' },
  { outcome: { kind: 'reset', afterTokens: 0 }, times: 1, status: 'ok' },
  { outcome: { kind: 'reset', afterTokens: 2 }, times: 1, status: 'ok' },
  { outcome: { kind: 'busy' }, times: 1, status: 'ok' },
  { outcome: { kind: 'html', status: 502 }, times: 1, status: 'ok' },
  { outcome: { kind: 'image' }, status: 'failed', code: 'IMAGE_UNREADABLE' },
  { outcome: { kind: 'context' }, status: 'failed', code: 'CONTEXT_EXCEEDED' },
  { outcome: { kind: 'too-large' }, status: 'failed', code: 'IMAGE_TOO_LARGE' },
];

const OF_PAGES: readonly Fault[] = [
  { outcome: { kind: 'stop', text: '[NO TEXT]' }, status: 'blank', warning: 'said-by-model' },
  { outcome: { kind: 'stop', text: 'I cannot see an image.' }, status: 'empty', code: 'ANSWER_EMPTY' },
  { outcome: { kind: 'stop', text: '<think>What is this? A letter.' }, status: 'empty', code: 'ANSWER_EMPTY' },
];

const OF_DATA: readonly Fault[] = [
  { outcome: { kind: 'stop', text: '{"total":"twelve"}' }, status: 'invalid', code: 'ANSWER_INVALID' },
  { outcome: { kind: 'stop', text: '{"total":"twelve"}' }, times: 1, status: 'ok', warning: 'rescued:complaint' },
  { outcome: { kind: 'stop', text: 'The total is twelve.' }, status: 'invalid', code: 'ANSWER_INVALID' },
  { outcome: { kind: 'stop', text: '{"total":' }, status: 'invalid', code: 'ANSWER_INVALID' },
  { outcome: { kind: 'stop', text: '```json\n{"total":12}\n```' }, status: 'ok', warning: 'fences-removed' },
];

const ITEMS = 1_000;
/** Enough where the rest of the way is the same. */
const FEWER = 250;
/** Of the items, each fault has this share: 2 %. */
const SHARE = 0.02;
/** So many slots that all items of one fault are in hand at once: a host then rests a few times, not once an item. */
const HOSTS = [
  { slots: 20, serviceMs: 5 },
  { slots: 20, serviceMs: 5 },
];
/** Long enough that a machine with other work makes no stall of its own: the first stall of an item goes unnamed in its row. */
const LIMITS = '--connect-timeout 2s --first-token-timeout 4s --silence-timeout 3s --max-tokens 600'.split(' ');

describe('items with every fault at 2 % each', () => {
  it('have their true status in every row: a thousand, read in one process', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: HOSTS });
    const truth = await arm(stage, [...OF_ANY_TASK, ...OF_PAGES]);
    await endsWith(1, stage.ocr('-o', 'out.jsonl', '--model', 'tiny', ...LIMITS));
    await expectTruth(stage, truth);
  });

  it('have their true status in every row, read by workers on Redis', async () => {
    await using stage = await startStage({ items: FEWER, hosts: HOSTS });
    await using redis = await startRedis();
    const truth = await arm(stage, [...OF_ANY_TASK, ...OF_PAGES]);
    const shared = ['--redis', redis.url];
    const workers = [0, 1].map((host) =>
      stage.cli(['worker', ...shared, ...stage.hostFlags.slice(2 * host, 2 * host + 2)]),
    );
    await Promise.all(workers.map((worker) => worker.says(/waits for runs/)));
    await endsWith(1, stage.cli(['ocr', 'scans', '-o', 'out.jsonl', '--model', 'tiny', ...shared, ...LIMITS]));
    await expectTruth(stage, truth);
  });

  it('have their true status in every row where answers have a schema', async () => {
    await using stage = await startStage({ items: FEWER, hosts: HOSTS });
    const truth = await arm(stage, [...OF_ANY_TASK, ...OF_DATA]);
    const schema = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };
    await writeFile(stage.folder.at('total.json'), JSON.stringify(schema));
    const extract = ['extract', 'scans', '--schema', 'total.json', '--model', 'tiny', ...stage.hostFlags];
    await endsWith(1, stage.cli([...extract, '-o', 'out.jsonl', ...LIMITS]));
    await expectTruth(stage, truth);
  });
});

/** Arms the hosts; returns what the row of each item must say. */
async function arm(stage: Stage, faults: readonly Fault[]): Promise<ReadonlyMap<string, Fault>> {
  const truth = new Map<string, Fault>();
  const each = stage.keys.length * SHARE;
  const rules = await Promise.all(
    faults.flatMap((fault, at) =>
      stage.keys.slice(at * each, (at + 1) * each).map(async (key) => {
        truth.set(key, fault);
        const imageSha256 = sha256Hex(await readFile(stage.folder.at('scans', key)));
        return { outcome: fault.outcome, imageSha256, ...(fault.times === undefined ? {} : { times: fault.times }) };
      }),
    ),
  );
  await stage.ollama.fault(null, ...rules);
  return truth;
}

async function expectTruth(stage: Stage, truth: ReadonlyMap<string, Fault>): Promise<void> {
  const rows = await readRows(stage.folder.at('out.jsonl'));
  expect(rows.map(({ id }) => id)).toEqual(stage.keys);
  const wrong = rows.flatMap(({ error, id, status, warnings }) => {
    const fault = truth.get(id);
    const said = [status, error?.code ?? '', ...warnings].join(' ');
    if (fault === undefined) return said === 'ok ' ? [] : [`${id}: no fault, but ${said}`];
    const isTrue =
      status === fault.status &&
      (fault.code === undefined || error?.code === fault.code) &&
      (fault.warning === undefined || warnings.includes(fault.warning));
    return isTrue ? [] : [`${id}: ${JSON.stringify(fault)}, but ${said}: ${error?.message ?? ''}`];
  });
  expect(wrong).toEqual([]);
}
