import { z } from 'zod';
import { EXIT, ExitError } from '../../core/exit.js';
import type { ImageTokens, ProfileTraits } from './traits.js';

/** What a user says of some models otherwise than the table. */
export interface ProfileOverride {
  /** A model's name, in which `*` and `?` stand for any characters and any one; without a tag it means all tags. */
  readonly model: string;
  readonly traits: Partial<ProfileTraits>;
}

const whole = (least: number) =>
  z.custom<number>((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= least, {
    error: ({ input }) => `Expected a whole number, ${least} or more, got ${shown(input)}`,
  });

const word = z.custom<string>((value) => typeof value === 'string' && value.trim() !== '', {
  error: ({ input }) => `Expected text, got ${shown(input)}`,
});

const flag = z.boolean({ error: ({ input }) => `Expected true or false, got ${shown(input)}` });

const blocks = z
  .strictObject(
    { side: whole(1), least: whole(1), most: whole(1) },
    { error: () => 'Expected a number of tokens, or the members side, least and most' },
  )
  .refine(({ least, most }) => least <= most, { error: 'Expected `least` to be at most `most`' });

const imageTokens = z
  .union([whole(1), blocks], { error: 'Expected a number of tokens, or whole numbers as side, least and most' })
  .transform(
    (value): ImageTokens =>
      typeof value === 'number' ? { kind: 'fixed', tokens: value } : { kind: 'blocks', ...value },
  );

const traits = z.strictObject(
  {
    imagePlacement: z
      .enum(['before', 'after'], { error: ({ input }) => `Expected before or after, got ${shown(input)}` })
      .exactOptional(),
    rendered: flag.exactOptional(),
    maxImages: whole(1).exactOptional(),
    ocrPrompt: word.nullable().exactOptional(),
    leastSide: whole(1).exactOptional(),
    multiple: whole(1).exactOptional(),
    bestSide: whole(28).nullable().exactOptional(),
    fixedSide: whole(28).nullable().exactOptional(),
    stop: z.array(word, { error: 'Expected a list of texts' }).exactOptional(),
    singleParallel: flag.exactOptional(),
    imageTokens: imageTokens.exactOptional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownMembers(issue.keys) : 'Expected members of a profile',
  },
);

const profiles = z.record(z.string(), traits, { error: 'Expected a map of model names' });

/**
 * Overrides from the content of a YAML file: a map of model names, each with any of {@link ProfileTraits}'s members;
 * `imageTokens` is a number, or `{side, least, most}`.
 *
 * @param where - the file's name, for problems
 * @throws ExitError 2 with every problem at once
 */
export function parseProfiles(value: unknown, where: string): readonly ProfileOverride[] {
  const result = profiles.safeParse(value ?? {});
  if (result.success) return Object.entries(result.data).map(([model, own]) => ({ model, traits: own }));
  const lines = result.error.issues.map(
    ({ path, message }) => `${[where, ...path.map(String)].join(': ')}: ${message}`,
  );
  throw new ExitError(EXIT.usage, lines.join('\n'), { cause: result.error });
}

/** Whether an override's name means a model. Case does not matter, and a name without a tag means `latest`. */
export function matchesModel(pattern: string, model: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const tag = hasTag(pattern) ? '' : '(:[^/:]*)?';
  const name = model.toLowerCase();
  return new RegExp(`^${source}${tag}$`).test(hasTag(name) ? name : `${name}:latest`);
}

function hasTag(name: string): boolean {
  return name.slice(name.lastIndexOf('/') + 1).includes(':');
}

function unknownMembers(names: readonly string[]): string {
  return `${names.join(', ')}: no such member; there are ${Object.keys(traits.shape).join(', ')}`;
}

function shown(input: unknown): string {
  return JSON.stringify(input) ?? String(input);
}
