import { canonicalJson } from '../../core/canonical-json.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { STDIN } from '../../inputs/stdin.js';
import { neighbours, type StoreLocation } from '../../results/location.js';
import type { RunMeta } from '../../results/run-meta.js';
import { quoted } from './quoted.js';
import { partOf } from './shards.js';

/**
 * Refuses a new run that a neighbour has begun already: the same inputs and the same ask under another output.
 *
 * @throws ExitError 2 with the two commands to choose from
 */
export async function refuseTwin(meta: RunMeta, location: StoreLocation): Promise<void> {
  if (meta.inputs.includes(STDIN)) return; // what came on stdin was something else
  const inputs = canonicalJson(meta.inputs);
  const twin = (await neighbours(location.dir)).find(
    (other) =>
      other.meta.fingerprint === meta.fingerprint &&
      canonicalJson(other.meta.inputs) === inputs &&
      partOf(other.meta) === partOf(meta),
  );
  if (twin === undefined) return;
  throw new ExitError(EXIT.usage, `Run ${twin.meta.name} beside it asks the same of the same inputs.`, {
    fix: `Add --name ${quoted(twin.meta.name)} to continue it with this output, or --fresh to ask everything again.`,
  });
}
