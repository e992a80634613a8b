import { LANE_STATES, type LaneState, type LaneStatus } from '../core/telling.js';
import { oneLine } from './words.js';

/** A host as all its lanes together see it; several processes may serve one host. */
export interface HostStatus {
  readonly host: string;
  /** That the run may use: its lanes' shares, which are no more than the host has. */
  readonly slots: number;
  readonly busy: number;
  /** Items it finished, those not ok too. */
  readonly done: number;
  readonly failed: number;
  readonly state: LaneState;
  /** Why it does not serve, in one line; null where it does. */
  readonly reason: string | null;
}

/** As many hosts as people read at a glance. */
export const MOST_HOSTS = 10;

/** Lanes summed by host, in the order in which hosts first appear. */
export function byHost(lanes: readonly LaneStatus[]): readonly HostStatus[] {
  const hosts = new Map<string, HostStatus>();
  for (const lane of lanes) {
    const known = hosts.get(lane.host);
    hosts.set(lane.host, known === undefined ? ofLane(lane) : merge(known, lane));
  }
  return [...hosts.values()];
}

/** At most `limit` hosts, those in trouble first, then the busiest, and how many were left out. */
export function noteworthy(
  hosts: readonly HostStatus[],
  limit: number,
): { readonly shown: readonly HostStatus[]; readonly more: number } {
  if (hosts.length <= limit) return { shown: hosts, more: 0 };
  const ranked = [...hosts].sort((a, b) => trouble(b) - trouble(a) || b.failed - a.failed || b.done - a.done);
  return { shown: ranked.slice(0, limit), more: hosts.length - limit };
}

/** It stands beside its host. */
function withoutHost(reason: string, host: string): string {
  return reason.startsWith(`${host} `) ? reason.slice(host.length + 1) : reason;
}

/** Whether nothing is asked of it at present, for whatever reason: trouble, rest, or another run. */
export function isIdle({ state }: HostStatus): boolean {
  return state === 'queued' || state === 'resting' || state === 'waiting' || state === 'left';
}

function ofLane({ host, slots, busy, done, failed, state, reason }: LaneStatus): HostStatus {
  return {
    host: oneLine(host),
    slots,
    busy,
    done: done + failed,
    failed,
    state,
    reason: reason === null ? null : withoutHost(oneLine(reason), oneLine(host)),
  };
}

function merge(a: HostStatus, lane: LaneStatus): HostStatus {
  const b = ofLane(lane);
  const better = rank(a) <= rank(b) ? a : b; // one that serves is a host that serves
  return {
    ...better,
    slots: Math.max(a.slots, Math.min(a.slots + b.slots, lane.hostSlots)), // one without a share says 1 all the same
    busy: a.busy + b.busy,
    done: a.done + b.done,
    failed: a.failed + b.failed,
  };
}

/** At the end all lanes are closing: one without a reason has served. */
function rank({ reason, state }: HostStatus): number {
  return 2 * LANE_STATES.indexOf(state) + (reason === null ? 0 : 1);
}

function trouble(host: HostStatus): number {
  return host.state === 'waiting' || host.state === 'left' ? 1 : 0;
}
