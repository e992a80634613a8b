import path from 'node:path';
import type { Settings } from '../../config/schema.js';
import { EXIT, type ExitCode, ExitError } from '../core/exit.js';
import { STDOUT } from '../results/location.js';
import type { StoreReader } from '../results/store-reader.js';
import type { Io } from './io.js';
import { exportFile, isCsv, tellExport, tellRenamed } from './outputs.js';
import { openReader } from './reading.js';
import { withResources } from './resources.js';
import { tableOf } from './table.js';
import { tellingOf } from './telling.js';

/** Writes the rows of a run as they are now, also while it runs. */
export function exportRun(run: string, settings: Settings, io: Io): Promise<ExitCode> {
  return withResources(async (resources) => {
    const reader = await openReader(run, settings, io);
    resources.defer(() => reader.close());
    const { logger } = await tellingOf(settings, io);
    const outputs = outputsOf(settings, reader);
    const meta = reader.meta();
    if (meta !== null && outputs.some(isCsv)) tellRenamed(tableOf(meta, settings), logger);
    for (const output of outputs) {
      if (output === STDOUT) await streamAll(reader, io);
      else tellExport(await exportFile(reader, path.resolve(io.cwd, output), settings), output, logger);
    }
    return EXIT.ok;
  });
}

/** The outputs that were named, else those that the run has had. */
function outputsOf({ outputs, explode }: Settings, reader: StoreReader): readonly string[] {
  const known = (reader.meta()?.outputs ?? []).map((output) => output.path);
  const chosen = outputs.length > 0 ? outputs : [...new Set(known)];
  if (chosen.length === 0)
    throw new ExitError(EXIT.usage, 'The run has no output file yet.', { fix: 'Name one: -o out.csv' });
  if (explode !== null && !chosen.some(isCsv))
    throw new ExitError(EXIT.usage, `Expected an output that ends in .csv, got ${chosen.join(', ')}`, {
      fix: 'Only a table can be exploded. Name one: -o out.csv',
    });
  return chosen;
}

async function streamAll(reader: StoreReader, { stdout }: Io): Promise<void> {
  for (const line of reader.lines()) {
    if (line === null) continue;
    const more = stdout.write(Buffer.concat([line, Buffer.from('\n')]));
    if (!more) await new Promise((resolve) => stdout.once('drain', resolve));
  }
}
