import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Settings } from '../../config/schema.js';

/** Who this process is, as other processes see it. */
export interface Identity {
  /** Such as `box:4711:9f3a02bc`. No other process has it: containers may have machine and number in common. */
  readonly name: string;
  readonly machine: string;
  readonly pid: number;
  readonly version: string;
}

/** This machine's name among those that share runs. */
export function machineOf({ machine }: Pick<Settings, 'machine'>): string {
  return machine ?? hostname();
}

/** A new identity; a process has one. */
export function newIdentity(settings: Pick<Settings, 'machine'>, version: string): Identity {
  const { pid } = process;
  const machine = machineOf(settings);
  return { name: `${machine}:${pid}:${randomBytes(4).toString('hex')}`, machine, pid, version };
}
