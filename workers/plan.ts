import type { AskOptions, PixelSettings } from '../src/core/ask.js';
import type { Change } from '../src/core/changes.js';

/** How one try asks: the ask's own settings, changed by what the tries before it taught. */
export interface Plan {
  readonly options: AskOptions;
  /** Of the longest side that was sent at first. */
  readonly scale: number;
  readonly halves: boolean;
  /** The last answer and what is wrong with it go back as a further turn. */
  readonly complains: boolean;
}

/** Half the pixels. */
const SMALLER = Math.SQRT1_2;
const PENALTY = 1.15;
const LEAST_TEMPERATURE = 0.2;
/** Any other than the server's own: at a temperature above 0 it brings other words. */
const OTHER_SEED = 20_011;

/** What a longer answer costs in context stays for the tries after it, and so does a smaller image; the rest is for one. */
const LASTING: ReadonlySet<Change> = new Set(['more-tokens', 'smaller']);

/** Changes that are no other ask: a row won by one of them is worth as much as one won at once. */
const SAME_ASK: ReadonlySet<Change> = new Set(['other-host', 'again']);

/** How the try that these changes lead to asks. */
export function planOf(changes: readonly Change[], options: AskOptions, numCtx: number): Plan {
  const effective = new Set(effectiveChanges(changes));
  const smaller = changes.filter((change) => change === 'smaller').length;
  const warmth = { temperature: Math.max(LEAST_TEMPERATURE, options.temperature) };
  return {
    options: {
      ...options,
      ...(effective.has('more-tokens') ? { maxTokens: moreTokens(options.maxTokens, numCtx) } : {}),
      ...(effective.has('penalty') ? { ...warmth, ...penalised(options) } : {}),
      ...(effective.has('warmer') ? { ...warmth, seed: (options.seed ?? 0) + OTHER_SEED } : {}),
    },
    scale: SMALLER ** smaller,
    halves: effective.has('halves'),
    complains: effective.has('complaint'),
  };
}

/** Never less than the user gave, under whichever name. */
function penalised({ extra, repeatPenalty }: AskOptions): Pick<AskOptions, 'repeatPenalty'> {
  return { repeatPenalty: Math.max(PENALTY, repeatPenalty ?? 0, Number(extra.repeat_penalty) || 0) };
}

/** The changes in effect in the try that these lead to: the last one, and those that last. */
export function effectiveChanges(changes: readonly Change[]): readonly Change[] {
  const last = changes.length - 1;
  return [...new Set(changes.filter((change, at) => at === last || LASTING.has(change)))];
}

/** The warnings of a row that was won by a changed ask, so that it can be looked at first. */
export function rescuedBy(changes: readonly Change[]): readonly string[] {
  return effectiveChanges(changes)
    .filter((change) => !SAME_ASK.has(change))
    .map((change) => `rescued:${change}`);
}

/** Twice as long, as far as the context holds; the server ends an answer at its wall. */
export function moreTokens(maxTokens: number, numCtx: number): number {
  return Math.max(maxTokens, Math.min(2 * maxTokens, numCtx));
}

/** The limits under which an image that was sent in this size is sent smaller. */
export function scaledPixels(
  settings: PixelSettings,
  scale: number,
  sent: { readonly width: number; readonly height: number },
): PixelSettings {
  if (scale === 1) return settings;
  return { ...settings, maxSide: Math.max(1, Math.floor(Math.max(sent.width, sent.height) * scale)) };
}
