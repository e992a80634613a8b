import type { z } from 'zod';
import { needsFlags, patternsOf } from './patterns.js';

type Type = z.core.$ZodType;

/** Types that do to a value what JSON Schema has no word for; each is named as zod names it. */
const LOST_TYPES: ReadonlySet<string> = new Set(['transform', 'pipe', 'custom', 'catch', 'success', 'date', 'bigint']);

/** Checks likewise. */
const LOST_CHECKS: ReadonlyMap<string, string> = new Map([
  ['custom', 'refine'],
  ['overwrite', 'overwrite'],
  ['property', 'property'],
]);

/** Formats that have no pattern, with the options that make them stricter than the format's name. */
const STRICTER = ['hostname', 'protocol', 'alg', 'normalize', 'fn'];

/** Every check or change of a zod type that does not survive as JSON Schema, by place: `items[].price: refine`. */
export function lostChecks(type: z.ZodType): readonly string[] {
  const lost = new Set<string>();
  const seen = new Set<Type>();
  const visit = (one: Type, place: string): void => {
    if (seen.has(one)) return;
    seen.add(one);
    for (const what of lostAt(one)) lost.add(`${place === '' ? 'the whole answer' : place}: ${what}`);
    for (const [step, inner] of innerTypes(one)) visit(inner, place + (place === '' ? step.replace(/^\./, '') : step));
  };
  visit(type, '');
  return [...lost];
}

function lostAt(type: Type): readonly string[] {
  const { def } = type._zod;
  const checks = [def, ...(def.checks ?? []).map((check) => check._zod.def)];
  return [
    LOST_TYPES.has(def.type) ? def.type : [],
    patternsOf(type)
      .filter((pattern) => needsFlags(pattern) && !isEmoji(def))
      .map((pattern) => `${pattern}`),
    checks.flatMap((check) => ('check' in check ? (LOST_CHECKS.get(String(check.check)) ?? []) : [])),
    checks.flatMap((check) => ('check' in check && check.check === 'string_format' ? stricterThanNamed(check) : [])),
  ].flat();
}

/** Its format is known by name, wherever it is checked. */
function isEmoji(def: object): boolean {
  return 'format' in def && def.format === 'emoji';
}

function stricterThanNamed(check: object): readonly string[] {
  const { format, pattern, ...options } = { format: '', pattern: undefined, ...check };
  const isStricter = STRICTER.some((name) => name in options && options[name as keyof typeof options] !== undefined);
  return (isStricter && pattern === undefined) || format === 'json_string' ? [String(format)] : [];
}

/** The types inside a type, and the step from its place to theirs. */
function innerTypes(type: Type): readonly (readonly [step: string, inner: Type])[] {
  const members = Object.entries({ ...type._zod.def, ...lazily(type) });
  return members.flatMap(([name, value]) =>
    stepsInto(name, value).flatMap(([step, inner]) => (isType(inner) ? [[step, inner] as const] : [])),
  );
}

function stepsInto(name: string, value: unknown): readonly (readonly [step: string, inner: unknown])[] {
  if (name === 'shape' && typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, inner]) => [`.${key}`, inner]);
  }
  if (name === 'items' && Array.isArray(value)) return value.map((inner, index) => [`[${index}]`, inner]);
  if (name === 'options' && Array.isArray(value)) return value.map((inner) => ['', inner]);
  return [[STEPS.get(name) ?? '', value]];
}

const STEPS: ReadonlyMap<string, string> = new Map([
  ['element', '[]'],
  ['rest', '[]'],
  ['valueType', '{}'],
  ['keyType', '{}'],
  ['catchall', '{}'],
]);

/** A getter gives what a lazy type stands for; an object's shape may be one too. */
function lazily(type: Type): object {
  const { def } = type._zod;
  if (def.type === 'lazy' && 'getter' in def && typeof def.getter === 'function') return { innerType: def.getter() };
  return def.type === 'object' && 'shape' in def ? { shape: def.shape } : {};
}

function isType(value: unknown): value is Type {
  return typeof value === 'object' && value !== null && '_zod' in value;
}
