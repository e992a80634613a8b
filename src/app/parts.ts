import { availableParallelism } from 'node:os';
import type { RunLimits } from '../../jobs/fleet.js';
import { createVerifier, type VerifyText } from '../../workers/verifier.js';
import type { Ask } from '../core/ask.js';
import type { Logger } from '../core/telling.js';
import { createCpuOcrEngine } from '../engines/cpu-ocr/engine.js';
import type { Resources } from './resources.js';

/** The largest file that is opened. */
export const MAX_SOURCE_BYTES = 512 * 1024 * 1024;

/** Pages that this machine can read a second time at once, beside everything else it does. */
export function verifySlots(): number {
  return Math.max(1, availableParallelism() - 1);
}

export interface VerifierParts {
  readonly ask: Ask;
  readonly limits: Pick<RunLimits, 'verifyShare'>;
  readonly logger: Logger;
}

/** What reads a run's pages a second time, on this machine's idle cores; null where nobody asked for it. */
export async function openVerifier(
  { ask, limits, logger }: VerifierParts,
  resources: Resources,
): Promise<VerifyText | null> {
  const { verifyShare: share } = limits;
  if (share === null) return null;
  const slots = verifySlots();
  const engine = createCpuOcrEngine({ slots, lang: ask.lang });
  resources.defer(() => engine.close());
  await engine.preflight(null, new AbortController().signal); // says what is missing before the first page is read
  return createVerifier({ engine, slots, share, ask, logger });
}
