import type { Fleet, RunEntry } from '../../../jobs/fleet.js';
import type { LaneState } from '../../core/telling.js';

/** What workers do that may serve a run, and do not yet. */
export interface Workers {
  /** Workers that live. */
  readonly count: number;
  /** The run that they serve first; null where they serve none. */
  readonly serving: RunEntry | null;
}

/** What a lane does that its run will come to the end of. A host in trouble is nobody's turn. */
const AT_WORK: readonly LaneState[] = ['serving', 'starting', 'queued', 'resting'];

/** Looks at the workers that do not serve a run. Coordinators' own lanes do not count: they never serve another run. */
export async function workersBeside(fleet: Fleet, runId: string): Promise<Workers> {
  const workers = await fleet.workers();
  const others = workers.length === 0 ? [] : (await fleet.runs()).filter((run) => run.runId !== runId);
  for (const run of others) {
    const lanes = await fleet.lanes(run.runId);
    const isServed = lanes.some(
      (lane) => AT_WORK.includes(lane.state) && workers.some(({ name }) => name === lane.worker),
    );
    if (isServed) return { count: workers.length, serving: run };
  }
  return { count: workers.length, serving: null };
}
