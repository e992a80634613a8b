import type { Ask } from '../src/core/ask.js';
import type { LaneStatus } from '../src/core/telling.js';
import { byName, type Fleet, LANE_DEAD_MS, type RunEntry } from './fleet.js';

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

  constructor(now: () => number) {
    this.#now = now;
  }

  async publish(run: RunEntry, ask: Ask): Promise<void> {
    if (run.digest !== null) await this.pinDigest(run.runId, run.digest);
    this.#runs.set(run.runId, { ...run, heartbeatMs: this.#now() });
    this.#asks.set(run.ask, ask);
  }

  async runs(): Promise<readonly RunEntry[]> {
    return [...this.#runs.values()]
      .map((run) => ({ ...run, digest: this.#digests.get(run.runId) ?? null }))
      .sort((a, b) => a.startedMs - b.startedMs);
  }

  async ask(fingerprint: string): Promise<Ask | null> {
    return this.#asks.get(fingerprint) ?? null;
  }

  async pinDigest(runId: string, digest: string): Promise<string> {
    const pinned = this.#digests.get(runId) ?? digest;
    this.#digests.set(runId, pinned);
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
    const aliveMs = this.#now() - LANE_DEAD_MS;
    return [...(this.#lanes.get(runId)?.values() ?? [])].filter((lane) => lane.atMs > aliveMs).sort(byName);
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

  async close(): Promise<void> {}
}
