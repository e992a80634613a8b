import type { Settings } from '../../../config/schema.js';
import type { RunLimits } from '../../../jobs/fleet.js';
import type { Ask } from '../../core/ask.js';
import type { ModelProfile } from '../../engines/profiles/profile.js';
import type { ResolvedInput } from '../../inputs/resolve.js';
import { contextAdvice, contextFor } from './context.js';
import { limitsOf } from './limits.js';

/** Images of one group where nobody can say before the folders are read: requests of larger ones are sent smaller. */
const USUAL_GROUP = 4;
/** The context of an engine that has none, in tokens. */
const NO_CONTEXT = 0;

export interface RoomOptions {
  readonly ask: Ask;
  /** Null where the engine has no models. */
  readonly profile: ModelProfile | null;
  readonly inputs: readonly ResolvedInput[];
  readonly settings: Settings;
}

/** What every lane is told, and what would fit where there is less room than that. */
export interface Room {
  readonly limits: RunLimits;
  /** What would fit into a context of so many tokens, in words for people; null where all does. */
  readonly contextAdvice: (contextTokens: number) => string | null;
}

/** The room that a run is given: the context that the user names, else what its largest question and answer take. */
export function roomOf({ ask, profile, inputs, settings }: RoomOptions): Room {
  if (profile === null) return { limits: limitsOf(settings, settings.numCtx ?? NO_CONTEXT), contextAdvice: () => null };
  const need = {
    ask,
    profile,
    images: Math.max(largestListed(inputs), ask.task === 'compare' ? groupSize(ask, inputs) : 1),
  };
  return {
    limits: limitsOf(settings, settings.numCtx ?? contextFor(need)),
    contextAdvice: (tokens) => contextAdvice(need, tokens),
  };
}

/** Images of the largest item that a program lists; 0 where it lists none. */
function largestListed(inputs: readonly ResolvedInput[]): number {
  const items = inputs.flatMap((input) => (input.kind === 'items' ? input.items : []));
  return items.reduce((most, { sources }) => Math.max(most, sources.length), 0);
}

function groupSize({ profile }: Ask, inputs: readonly ResolvedInput[]): number {
  const named = inputs.filter(({ kind }) => kind !== 'manifest').length;
  const size = inputs.every(({ kind }) => kind === 'file') ? named : Math.max(named, USUAL_GROUP);
  return Math.min(size, Math.max(2, profile.maxImages));
}
