import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { EXIT, ExitError } from '../core/exit.js';
import type { Tables } from './tables.js';

/** How often a holder says that it lives. */
export const HEARTBEAT_MS = 2_000;
/** A holder on another machine, or before a restart, is gone after this silence. */
const STALE_MS = 15_000;
const LOCK_KEY = Buffer.from('lock');

/** The process that coordinates a run. */
export interface Coordinator {
  readonly machine: string;
  /** Changes with every start of the machine; null where it does not say. */
  readonly bootId: string | null;
  readonly pid: number;
  /** When the process started, in its machine's own words; tells it from a later process of the same id. */
  readonly processStart: string | null;
}

/** A lock as it stands in the store. */
export interface LockState extends Coordinator {
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
  readonly heartbeatMs: number;
}

/** This process as a coordinator. */
export function thisProcess(): Coordinator {
  return {
    machine: hostname(),
    bootId: readOr(null, '/proc/sys/kernel/random/boot_id'),
    pid: process.pid,
    processStart: processStart(process.pid),
  };
}

/** Start time in clock ticks after boot: field 22 of `/proc/PID/stat` (proc(5)); null where there is none. */
function processStart(pid: number): string | null {
  const stat = readOr(null, `/proc/${pid}/stat`);
  // The second field holds the program's name, which may hold blanks and brackets.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function readOr<T>(otherwise: T, path: string): string | T {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return otherwise;
  }
}

/** Whether the holder of a lock still lives, judged from `mine`'s machine at `nowMs`. */
export function isHeld(lock: LockState, mine: Coordinator, nowMs: number): boolean {
  if (lock.machine === mine.machine && lock.bootId !== null && lock.bootId === mine.bootId) {
    return processStart(lock.pid) === lock.processStart;
  }
  return nowMs - lock.heartbeatMs < STALE_MS;
}

/**
 * Takes the store's lock. LMDB admits one writer of all processes at a time, so judging and taking are one step.
 *
 * @throws ExitError with exit 6, naming the holder
 */
export function takeLock(tables: Tables, mine: Coordinator, nowMs: number): void {
  const holder = tables.exclusively(() => {
    const found = readLock(tables);
    if (found !== null && isHeld(found, mine, nowMs)) return found;
    tables.meta.putSync(LOCK_KEY, encode({ ...mine, sinceMs: nowMs, heartbeatMs: nowMs }));
    return null;
  });
  if (holder === null) return;
  const since = new Date(holder.sinceMs).toISOString();
  throw new ExitError(EXIT.locked, `The run is locked by process ${holder.pid} on ${holder.machine} since ${since}`, {
    fix: `Wait for it or stop it; if it is gone, the lock ends ${STALE_MS / 1_000} s after its last sign of life.`,
  });
}

/** The lock as it stands, or null: how `status` tells whether a coordinator is at work. */
export function readLock(tables: Tables): LockState | null {
  const value = tables.meta.get(LOCK_KEY);
  return value === undefined ? null : (JSON.parse(value.toString()) as LockState);
}

/** Says that the holder lives. Throws where somebody else has taken the lock meanwhile (a machine that slept). */
export async function beat(tables: Tables, mine: Coordinator, nowMs: number): Promise<void> {
  const lock = readLock(tables);
  if (lock === null || lock.pid !== mine.pid || lock.processStart !== mine.processStart) {
    throw new Error(`${lock === null ? 'somebody' : `process ${lock.pid} on ${lock.machine}`} has taken it over`);
  }
  await tables.write((add) => add(tables.meta.put(LOCK_KEY, encode({ ...lock, heartbeatMs: nowMs }))));
}

/** Gives the lock back. */
export async function releaseLock(tables: Tables): Promise<void> {
  await tables.write((add) => add(tables.meta.remove(LOCK_KEY)));
  await tables.flush();
}

function encode(lock: LockState): Buffer {
  return Buffer.from(JSON.stringify(lock));
}
