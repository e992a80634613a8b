import type { ProfileOverride } from '../../engines/profiles/override.js';
import type { ModelProfile } from '../../engines/profiles/profile.js';
import { profileOf } from '../../engines/profiles/profile.js';
import type { ServedHost } from '../hosts.js';

export interface ProfileSource {
  readonly hosts: readonly ServedHost[];
  readonly overrides: readonly ProfileOverride[];
  /** Ends the asking; the model's name must then do. */
  readonly signal: AbortSignal;
}

/** The profile of a model by what the first host that answers says of it; where none does, by its name. */
export async function modelProfile(model: string, { hosts, overrides, signal }: ProfileSource): Promise<ModelProfile> {
  const asked = hosts.map(({ engine }) => engine.describeModel(model, signal));
  const facts = await Promise.any(asked).catch(() => null);
  return profileOf(model, facts, overrides);
}
