import type { Fleet, RunEntry } from '../../../jobs/fleet.js';
import type { LaneState, LaneStatus } from '../../core/telling.js';

/** What workers do that may serve a run, and do not yet. */
export interface Workers {
  /** Workers that live. */
  readonly count: number;
  /** The run that they serve first; null where they serve none. */
  readonly serving: RunEntry | null;
  /** Their hosts that are in trouble, which no run comes to the end of. */
  readonly troubled: readonly LaneStatus[];
}

/** What a lane does that its run will come to the end of. */
const AT_WORK: readonly LaneState[] = ['serving', 'starting', 'queued', 'resting'];

/** Looks at the workers that do not serve a run. Coordinators' own lanes do not count: they never serve another run. */
export async function workersBeside(fleet: Fleet, runId: string): Promise<Workers> {
  const workers = await fleet.workers();
  const names = new Set(workers.map(({ name }) => name));
  const others = names.size === 0 ? [] : (await fleet.runs()).filter((run) => run.runId !== runId);
  const troubled: LaneStatus[] = [];
  for (const run of others) {
    const lanes = (await fleet.lanes(run.runId)).filter(({ worker }) => names.has(worker));
    if (lanes.some(({ state }) => AT_WORK.includes(state))) return { count: names.size, serving: run, troubled: [] };
    troubled.push(...lanes.filter(({ state }) => state === 'waiting'));
  }
  return { count: names.size, serving: null, troubled };
}
