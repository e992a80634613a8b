import { byName, type Fleet, type HostOrder, type RunEntry, type WorkerStatus } from '../../jobs/fleet.js';
import type { LaneStatus } from '../core/telling.js';
import { partsOf } from './fleet-host.js';

/** A fleet as `hosts --json` prints it. */
export interface FleetView {
  readonly schema_version: 1;
  readonly hosts: readonly HostView[];
  readonly workers: readonly WorkerView[];
}

/** A host: what its lanes say, and what was ordered. */
export interface HostView {
  /** What all machines call it: its URL, with the machine behind it where every machine has one of that URL. */
  readonly url: string;
  /** What it does: `idle` where no lane works, else the state of its busiest lane. */
  readonly state: LaneStatus['state'] | 'idle' | 'unserved';
  readonly drained: boolean;
  /** As it was added; null where a worker names it. */
  readonly added: string | null;
  /** That it has; those of its lanes are shares of them. */
  readonly slots: number;
  readonly busy: number;
  readonly lanes: readonly LaneView[];
  readonly workers: readonly string[];
}

/** A host at work for one run. */
export interface LaneView {
  readonly run: string;
  readonly model: string | null;
  readonly priority: number;
  readonly worker: string;
  readonly version: string;
  readonly state: LaneStatus['state'];
  readonly slots: number;
  readonly busy: number;
  readonly done: number;
  readonly failed: number;
  readonly reason: string | null;
}

type WorkerView = Omit<WorkerStatus, 'atMs'>;
type Placed = { readonly host: string; readonly hostSlots: number; readonly lane: LaneView };

/** Looks at a fleet once. */
export async function fleetView(fleet: Fleet): Promise<FleetView> {
  const [runs, orders, workers] = await Promise.all([fleet.runs(), fleet.hostOrders(), fleet.workers()]);
  const placed = await Promise.all(runs.map(async (run) => lanesOf(run, await fleet.lanes(run.runId))));
  const lanes = placed.flat();
  const named = [
    ...lanes.map(({ host }) => host),
    ...workers.flatMap((worker) => worker.hosts),
    ...orders.filter(({ order }) => order === 'drain').map(({ url }) => url),
  ];
  const added = orders.map(({ url }) => url).filter((url) => !named.some((host) => isAddedBy(url, host)));
  const urls = [...new Set([...named, ...added])].toSorted(byName);
  return {
    schema_version: 1,
    hosts: urls.map((url) => hostView(url, { lanes, orders, workers })),
    workers: workers.map(({ atMs: _, ...worker }) => worker),
  };
}

function lanesOf(run: RunEntry, lanes: readonly LaneStatus[]): readonly Placed[] {
  return lanes.map(({ host, hostSlots, worker, version, state, slots, busy, done, failed, reason }) => {
    const of = { run: run.runId, model: run.model, priority: run.priority, worker, version };
    return { host, hostSlots, lane: { ...of, state, slots, busy, done, failed, reason } };
  });
}

interface Known {
  readonly lanes: readonly Placed[];
  readonly orders: readonly HostOrder[];
  readonly workers: readonly WorkerStatus[];
}

function hostView(url: string, { lanes: all, orders, workers: known }: Known): HostView {
  const placed = all.filter(({ host }) => host === url);
  const lanes = placed.map(({ lane }) => lane);
  const workers = known.filter(({ hosts }) => hosts.includes(url)).map(({ name }) => name);
  const added = orders.find((order) => order.order === 'add' && isAddedBy(order.url, url));
  const busiest = lanes.toSorted((a, b) => b.busy - a.busy)[0];
  return {
    url,
    state: busiest?.state ?? (workers.length > 0 ? 'idle' : 'unserved'),
    drained: orders.some((order) => order.url === url && order.order === 'drain'),
    added: added?.order === 'add' ? added.description : null,
    slots: Math.max(0, ...placed.map(({ hostSlots }) => hostSlots)),
    busy: lanes.reduce((sum, lane) => sum + lane.busy, 0),
    lanes,
    workers,
  };
}

/** Whether a host is the one that was added, or where every machine has one of that address, one of these. */
function isAddedBy(added: string, host: string): boolean {
  return host === added || partsOf(host).address === added;
}

/** A fleet for people. */
export function fleetTable({ hosts, workers }: FleetView): readonly string[] {
  if (hosts.length === 0 && workers.length === 0) return ['no hosts: no worker is on this Redis'];
  return [
    ...hosts.flatMap(hostLines),
    ...workers.map(({ name, version, state, hosts: served }) => {
      return `worker ${name}  ${version}  ${state}  ${served.length === 1 ? '1 host' : `${served.length} hosts`}`;
    }),
  ];
}

function hostLines({ added, busy, drained, lanes, slots, state, url }: HostView): readonly string[] {
  const marks = [drained ? 'drained' : null, added === null ? null : `added as ${added}`].filter(
    (mark) => mark !== null,
  );
  const head = [url, state, ...(lanes.length === 0 ? [] : [`${busy} of ${slots} slots busy`]), ...marks].join('  ');
  return [head, ...lanes.map(laneLine)];
}

function laneLine(lane: LaneView): string {
  const priority = lane.priority === 0 ? '' : ` (priority ${lane.priority})`;
  const parts = [
    `  run ${lane.run}${priority}`,
    lane.model ?? 'no model',
    lane.state,
    `${lane.done} done, ${lane.failed} failed`,
    `worker ${lane.worker} ${lane.version}`,
    ...(lane.reason === null ? [] : [lane.reason]),
  ];
  return parts.join('  ');
}
