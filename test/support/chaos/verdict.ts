import { isDeepStrictEqual } from 'node:util';
import type { VisionRecord } from '../../../src/core/record.js';
import type { CliEnd } from '../cli.js';
import { readRows, sameRow } from '../rows.js';
import { type Arena, AT_WORK } from './arena.js';
import { leftovers } from './leftovers.js';
import { overruns } from './overruns.js';
import type { Schedule } from './schedule.js';

/** Judges a run that ended: one line for everything that is not as it should be. */
export async function judge(arena: Arena, schedule: Schedule, end: CliEnd): Promise<readonly string[]> {
  const rows = await readRows(arena.ground.stage.folder.at(arena.output)).catch(() => []);
  const early = arena.workers.flatMap(({ hasEnded, name }) => (hasEnded ? [`${name} ended by itself`] : []));
  const stopped = await Promise.all(arena.workers.map(async (worker) => ({ worker, end: await worker.stop(AT_WORK) })));
  return [
    ...early,
    ...exitOf(end, rows),
    ...wrongRows(arena, schedule, rows),
    ...(await counts(arena, rows)),
    ...(await overruns(arena)),
    ...stopped.flatMap(({ worker, end: { code, signal } }) =>
      code === 143 ? [] : [`${worker.name} ended by ${code ?? signal} when it was asked to stop`],
    ),
    ...(await leftovers(arena)),
  ];
}

function exitOf({ code, signal }: CliEnd, rows: readonly VisionRecord[]): readonly string[] {
  const right = rows.every(isWell) ? 0 : 1;
  return code === right ? [] : [`Expected the coordinator to end by ${right}, got ${code ?? signal}`];
}

function isWell({ status }: VisionRecord): boolean {
  return status === 'ok' || status === 'blank';
}

function wrongRows(arena: Arena, schedule: Schedule, rows: readonly VisionRecord[]): readonly string[] {
  const { keys } = arena.ground.stage;
  const ids = rows.map(({ id }) => id);
  if (!isDeepStrictEqual(ids, keys)) {
    const missing = keys.filter((key) => !ids.includes(key));
    return [`Expected ${keys.length} rows in order, got ${ids.length}; missing: ${missing.slice(0, 5).join(' ')}`];
  }
  const poisoned = new Set(schedule.steps.flatMap(({ fault }) => (fault.kind === 'poison' ? [keys[fault.item]] : [])));
  return rows.flatMap((row, at) => {
    if (isDeepStrictEqual(sameRow(row), arena.ground.expected[at])) return [];
    if (poisoned.has(row.id) && row.error?.code === 'ITEM_CRASHES_HOST') return [];
    const { id, status, error, warnings, attempts, host } = row;
    return [`${id}: ${JSON.stringify({ status, error, warnings, attempts, host })}`];
  });
}

async function counts(arena: Arena, rows: readonly VisionRecord[]): Promise<readonly string[]> {
  const { stdout } = await arena.ground.stage.cli(['status', arena.output, '--json']).end;
  const { running, counts: told } = JSON.parse(stdout);
  const ok = rows.filter(isWell).length;
  const right = { items: rows.length, ok, blank: 0, not_ok: rows.length - ok, skipped: 0, left: 0 };
  const { codes: _, ...numbers } = told;
  if (!running && isDeepStrictEqual(numbers, right)) return [];
  return [`Expected status to say ${JSON.stringify(right)}, got ${stdout.trim()}`];
}
