import type { Settings } from '../../../config/schema.js';
import type { RunLimits } from '../../../jobs/fleet.js';

/** What every lane of a run is told, here and elsewhere. */
export function limitsOf(settings: Settings, numCtx: number): RunLimits {
  return {
    numCtx,
    attempts: settings.attempts,
    budgets: {
      connectMs: settings.connectTimeoutMs,
      firstTokenMs: settings.firstTokenTimeoutMs,
      silenceMs: settings.silenceTimeoutMs,
      itemMs: settings.itemTimeoutMs,
      loadMs: settings.loadTimeoutMs,
    },
    wantsConfidence: settings.confidence,
    verifyShare: settings.verify?.share ?? null,
    allowMixed: settings.allowMixed,
    allowRemote: settings.allowRemote,
    recycleAfter: settings.recycleAfter,
  };
}
