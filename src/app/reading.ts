import path from 'node:path';
import type { Settings } from '../../config/schema.js';
import { findStore } from '../results/location.js';
import { readStore, type StoreReader } from '../results/store-reader.js';
import type { Io } from './io.js';
import { placesOf } from './outputs.js';

/**
 * Opens the store that RUN names, for reading.
 *
 * @throws ExitError 2 where there is none
 */
export async function openReader(run: string, { state }: Pick<Settings, 'state'>, io: Io): Promise<StoreReader> {
  const stateDir = state === null ? null : path.resolve(io.cwd, state);
  return readStore(await findStore(run, placesOf(io), stateDir));
}
