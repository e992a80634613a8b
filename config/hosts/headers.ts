import type { SourcedText } from '../../src/core/sourced-text.js';
import { parsed, Refusal, readingAt, readValue, refuse } from '../kinds.js';
import type { Kind } from '../setting.js';
import { SECRET } from '../sourced.js';

/** Headers by their names; where their values are. */
export type Headers = Readonly<Record<string, SourcedText>>;

/** `NAME=env:VAR`, several; a map in YAML. */
export const HEADERS: Kind<Headers> = {
  placeholder: 'NAME=env:VAR',
  several: true,
  type: parsed((raw) => {
    const named = entries(raw).map(([name, source]) => [checked(name), secretOf(name, source)] as const);
    const names = named.map(([name]) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    return twice === undefined ? Object.fromEntries(named) : refuse('every header once', twice);
  }),
  show: (headers) =>
    Object.entries(headers)
      .map(([name, { from }]) => `${name}=${from}`)
      .join(';'),
  read: async (headers, reading) => {
    const read = Object.entries(headers).map(async ([name, value]) => {
      return [name, await readValue(SECRET, value, readingAt(name, reading))] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  },
};

/** A header's value under any spelling of its name. */
export function header(headers: Headers, name: string): SourcedText | undefined {
  return Object.entries(headers).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
}

function entries(raw: unknown): readonly (readonly [name: string, source: unknown])[] {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return Object.entries(raw);
  return [raw].flat().map((one) => {
    const [, name, source] = (typeof one === 'string' && /^([^=]+)=(.*)$/s.exec(one)) || [];
    if (name === undefined) throw new Refusal('Expected NAME=env:VAR, got something else, which is not shown');
    return [name, source];
  });
}

/** Headers that are a request's own. */
const OWN = /^(content-.*|accept|user-agent|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer)$/i;

function checked(name: string): string {
  if (OWN.test(name)) return refuse("a header that is not the request's own", name);
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) ? name : refuse('the name of a header', name);
}

function secretOf(name: string, source: unknown): SourcedText {
  const result = SECRET.type.safeParse(source);
  if (result.success) return result.data;
  throw new Refusal(`${name}: ${result.error.issues[0]?.message}`);
}
