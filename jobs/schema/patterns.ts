import type { z } from 'zod';

/** The regular expressions of a type of text. */
export function patternsOf(type: z.core.$ZodType): readonly RegExp[] {
  const checks = type._zod.def.checks ?? [];
  return [type._zod, ...checks.map((check) => check._zod)].flatMap(({ def }) =>
    'pattern' in def && def.pattern instanceof RegExp ? [def.pattern] : [],
  );
}

/** Whether a regular expression says something else without its flags. */
export function needsFlags({ flags, source }: RegExp): boolean {
  return /[ims]/.test(flags) || (/[uv]/.test(flags) && /\\[pPu]/.test(source));
}
