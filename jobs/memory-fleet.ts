import type { Ask } from '../src/core/ask.js';
import type { LaneStatus } from '../src/core/telling.js';
import {
  byName,
  byTurn,
  byUrl,
  type Fleet,
  type HostOrder,
  type HostOrderEnd,
  LANE_DEAD_MS,
  type RunEntry,
  type SlotClaim,
  type SlotGrant,
  type WorkerStatus,
} from './fleet.js';
import { GrantMemory } from './grant-memory.js';
import { grantSlots, type SlotEntry } from './slots.js';

export interface MemoryFleetOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The registry of a process that is alone. */
export function createMemoryFleet(options: MemoryFleetOptions = { now: Date.now }): Fleet {
  return new MemoryFleet(options.now);
}

class MemoryFleet implements Fleet {
  readonly #now: () => number;
  readonly #runs = new Map<string, RunEntry>();
  readonly #asks = new Map<string, Ask>();
  readonly #digests = new Map<string, string>();
  readonly #lanes = new Map<string, Map<string, LaneStatus>>();
  readonly #leases = new Map<string, { readonly holder: string; readonly untilMs: number }>();

  readonly #grants: GrantMemory;
  readonly #slots = new Map<string, readonly SlotEntry[]>();
  readonly #drained = new Map<string, HostOrder>();
  readonly #added = new Map<string, HostOrder>();
  readonly #workers = new Map<string, WorkerStatus>();

  constructor(now: () => number) {
    this.#now = now;
    this.#grants = new GrantMemory(now);
  }

  async began(runId: string, ageMs: number): Promise<number> {
    return this.#runs.get(runId)?.startedMs ?? this.#now() - Math.max(0, ageMs);
  }

  async publish(run: RunEntry, ask: Ask): Promise<void> {
    this.#runs.set(run.runId, { ...run, heartbeatMs: this.#now() });
    if (run.digest !== null) await this.pinDigest(run.runId, run.digest);
    this.#asks.set(run.ask, ask);
  }

  async runs(): Promise<readonly RunEntry[]> {
    return [...this.#runs.values()]
      .map((run) => ({ ...run, digest: this.#digests.get(run.runId) ?? null }))
      .sort(byTurn);
  }

  async ask(fingerprint: string): Promise<Ask | null> {
    return this.#asks.get(fingerprint) ?? null;
  }

  async pinDigest(runId: string, digest: string): Promise<string> {
    const pinned = this.#digests.get(runId) ?? digest;
    if (this.#runs.has(runId)) this.#digests.set(runId, pinned);
    return pinned;
  }

  async unpinDigest(runId: string): Promise<void> {
    this.#digests.delete(runId);
  }

  async writeLane(runId: string, lane: LaneStatus): Promise<void> {
    const lanes = this.#lanes.get(runId) ?? new Map<string, LaneStatus>();
    this.#lanes.set(runId, lanes.set(lane.lane, { ...lane, atMs: this.#now() }));
  }

  async removeLane(runId: string, lane: string): Promise<void> {
    this.#lanes.get(runId)?.delete(lane);
  }

  async lanes(runId: string): Promise<readonly LaneStatus[]> {
    const alive = this.#alive(this.#lanes.get(runId)?.values() ?? []);
    return alive.sort((a, b) => byName(a.lane, b.lane));
  }

  async remove(runId: string): Promise<void> {
    this.#runs.delete(runId);
    this.#digests.delete(runId);
    this.#lanes.delete(runId);
  }

  async lease(runId: string, holder: string, ttlMs: number): Promise<string> {
    const held = this.#leases.get(runId);
    if (held !== undefined && held.holder !== holder && held.untilMs > this.#now()) return held.holder;
    this.#leases.set(runId, { holder, untilMs: this.#now() + ttlMs });
    return holder;
  }

  async release(runId: string, holder: string): Promise<void> {
    if (this.#leases.get(runId)?.holder === holder) this.#leases.delete(runId);
  }

  claim(claim: SlotClaim): Promise<SlotGrant> {
    return this.#grants.claim(claim, async (had) => {
      const before = this.#slots.get(claim.host) ?? [];
      const { grant, table } = grantSlots(before, claim, { had, nowMs: this.#now() });
      this.#slots.set(claim.host, table);
      return grant;
    });
  }

  async giveUp(host: string, holder: string): Promise<void> {
    this.#grants.forget(host, holder);
    const table = this.#slots.get(host) ?? [];
    this.#slots.set(
      host,
      table.filter((entry) => entry.holder !== holder),
    );
  }

  async hostOrders(): Promise<readonly HostOrder[]> {
    return [...this.#added.values(), ...this.#drained.values()].sort(byUrl);
  }

  async orderHost(order: HostOrder | HostOrderEnd): Promise<void> {
    if (order.order === 'drain') this.#drained.set(order.url, order);
    else if (order.order === 'add') this.#added.set(order.url, order);
    else if (order.order === 'resume') this.#drained.delete(order.url);
    else this.#added.delete(order.url);
  }

  async writeWorker(worker: WorkerStatus): Promise<void> {
    this.#workers.set(worker.name, { ...worker, atMs: this.#now() });
  }

  async removeWorker(name: string): Promise<void> {
    this.#workers.delete(name);
  }

  async workers(): Promise<readonly WorkerStatus[]> {
    return this.#alive(this.#workers.values()).sort((a, b) => byName(a.name, b.name));
  }

  async close(): Promise<void> {}

  #alive<T extends { readonly atMs: number }>(entries: Iterable<T>): T[] {
    const aliveMs = this.#now() - LANE_DEAD_MS;
    return [...entries].filter((entry) => entry.atMs > aliveMs);
  }
}
