import type { ModelDescription } from '../engine.js';
import { matchesModel, type ProfileOverride } from './override.js';
import { FAMILIES, type FamilyRow, SINGLE_PARALLEL, UNKNOWN_FAMILY } from './table.js';
import type { ModelProfile, ProfileTraits } from './traits.js';

export type { ImageTokens, ModelProfile } from './traits.js';

/**
 * The profile of a model such as `qwen2.5vl:7b` or `hf.co/someone/Gemma-3-4B-GGUF:Q4_K_M`: by its architecture where a
 * host has described it, else by its name. One of no known family gets a profile that suits most.
 *
 * @param facts - what a host says of it; null where none was asked
 * @param overrides - the user's own; where several speak of the model, the later one wins
 */
export function profileOf(
  model: string,
  facts: ModelDescription | null,
  overrides: readonly ProfileOverride[],
): ModelProfile {
  const row = rowOf(model, facts);
  let merged = traitsOf(row, { model, facts });
  for (const override of overrides) {
    if (matchesModel(override.model, model)) merged = { ...merged, ...override.traits };
  }
  const { imagePlacement, maxImages, rendered, ...traits } = merged;
  return {
    ...traits,
    request: { family: row.family, imagePlacement, rendered, maxImages },
    thinks: facts?.thinks ?? false,
    contextLength: facts?.contextLength ?? null,
  };
}

/** Tokens of the context that an image of so many pixels costs. */
export function imageTokensOf(
  { imageTokens }: Pick<ModelProfile, 'imageTokens'>,
  { width, height }: { readonly width: number; readonly height: number },
): number {
  if (imageTokens.kind === 'fixed') return imageTokens.tokens;
  const { least, most, side } = imageTokens;
  return Math.min(most, Math.max(least, Math.ceil(width / side) * Math.ceil(height / side)));
}

/** A file's architecture says more than what somebody called it. */
function rowOf(model: string, facts: ModelDescription | null): FamilyRow {
  const architectures = architecturesOf(facts);
  const name = model.toLowerCase().split('/').at(-1)?.split(':', 1)[0] ?? '';
  return (
    FAMILIES.find((row) => row.architectures.some((known) => architectures.includes(known))) ??
    FAMILIES.find((row) => row.name.test(name)) ??
    UNKNOWN_FAMILY
  );
}

function traitsOf(
  row: FamilyRow,
  { model, facts }: { readonly model: string; readonly facts: ModelDescription | null },
): ProfileTraits {
  const { architectures: _architectures, family: _family, name: _name, source: _source, ...traits } = row;
  const isLibraryModel = !model.includes('/'); // of others only the weights are known, not the template
  return {
    ...traits,
    rendered: facts?.hasTemplate ?? (row.rendered && isLibraryModel),
    singleParallel: row.singleParallel || architecturesOf(facts).some((known) => SINGLE_PARALLEL.has(known)),
  };
}

/** Lower-case letters and digits: `qwen2.5_vl` and `qwen25vl` are the same. */
function architecturesOf(facts: ModelDescription | null): readonly string[] {
  if (facts === null) return [];
  return [facts.architecture ?? '', ...facts.families].map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
}
