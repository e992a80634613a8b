import { readFile } from 'node:fs/promises';
import { type VisionRecord, visionRecordSchema } from '../../src/core/record.js';

/** The rows of a JSONL output, each held against the record's schema. */
export async function readRows(path: string): Promise<VisionRecord[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => visionRecordSchema.parse(JSON.parse(line)));
}

/** A row without what may differ between an undisturbed run and one that was disturbed. */
export function sameRow(row: VisionRecord): unknown {
  const { attempts: _a, host: _h, timing_ms: _t, finished_at: _f, tokens, ...same } = row;
  return { ...same, tokens: { output: tokens.output } };
}
