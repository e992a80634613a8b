import { Refusal } from './refusal.js';

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A `keep_alive` in milliseconds: numbers are seconds, strings Go durations, negative is for ever, absent is null. */
export function keepAliveMs(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  const ms = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? durationMs(value) : null;
  if (ms === null) throw new Refusal(400, `Unsupported type: '${typeof value === 'boolean' ? 'bool' : typeof value}'`);
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}

function durationMs(text: string): number {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0;
  const parts = [...rest.matchAll(/([0-9.]+)([^0-9.]*)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== rest) {
    throw new Refusal(400, `time: invalid duration ${JSON.stringify(text)}`);
  }
  let totalMs = 0;
  for (const [, amount, unit = ''] of parts) {
    if (unit === '') throw new Refusal(400, `time: missing unit in duration ${JSON.stringify(text)}`);
    const factor = UNITS_MS[unit];
    if (factor === undefined) {
      throw new Refusal(400, `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    totalMs += Number(amount) * factor;
  }
  return sign === '-' ? -totalMs : totalMs;
}

/** Bytes of a standard base64 text, or the offset at which Go's decoder gives up. CR and LF are allowed. */
export function decodeBase64(text: string): { readonly bytes: Buffer } | { readonly badOffset: number } {
  const bytes = Buffer.from(text, 'base64');
  if (isPlain(text, bytes.length)) return { bytes };
  const badOffset = firstBadByte(text);
  return badOffset === null ? { bytes } : { badOffset };
}

/** Fast path: Node skips what it cannot read, so a full-length result without its URL-safe extras was all valid. */
function isPlain(text: string, decodedBytes: number): boolean {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (
    text.length % 4 === 0 &&
    decodedBytes === (text.length / 4) * 3 - padding &&
    !text.includes('-') &&
    !text.includes('_') &&
    !text.includes('\n')
  );
}

/** Follows Go's `encoding/base64`: the offset is of the bad byte, or of the start of a group that is cut short. */
function firstBadByte(text: string): number | null {
  let group = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\r' || character === '\n') continue;
    if (character === '=') return badPadding(text, { at, group });
    if (!/[A-Za-z0-9+/]/.test(character)) return at;
    group = (group + 1) % 4;
  }
  return group === 0 ? null : text.length - group;
}

/** Padding closes a group of two or three characters, and nothing may follow it. */
function badPadding(text: string, { at, group }: { at: number; group: number }): number | null {
  if (group < 2) return at;
  const rest = text.slice(at).replace(/[\r\n]/g, '');
  const wanted = 4 - group;
  if (rest.length < wanted) return text.length;
  if (rest[wanted - 1] !== '=') return at + 1;
  return rest.length === wanted ? null : at + wanted;
}

/** Parses a body as Go's decoder does: text after the value is ignored. Refuses with its words. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return secondTry(text, error instanceof Error ? error.message : '');
  }
}

function secondTry(text: string, complaint: string): unknown {
  const at = Number(/position (\d+)/.exec(complaint)?.[1] ?? text.length);
  if (at >= text.trimEnd().length || complaint.includes('Unterminated')) throw new Refusal(400, 'unexpected EOF');
  if (complaint.includes('after JSON')) return JSON.parse(text.slice(0, at));
  throw new Refusal(400, `invalid character ${quoteRune(text.charAt(at))} looking for beginning of value`);
}

function quoteRune(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20 ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${character}'`;
}
