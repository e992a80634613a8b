import { createHash } from 'node:crypto';
import type { AnswerRequest, ModelSpec, OllamaOptions } from './options.js';
import { REFUSALS } from './refusal.js';
import { type AskRequest, imagesOf, promptOf } from './request.js';
import { sampleOf } from './schema-sample.js';

/** A piece of an answer: what one line of a stream carries. */
export interface Piece {
  readonly text: string;
  readonly thinking: boolean;
  /** Tokens that it was made of. */
  readonly tokens: number;
}

/** Pieces may go on for ever; a finite script is an array. */
export type Script = Iterable<Piece>;

/** One piece for ever. */
export function* repeat(...texts: readonly string[]): Generator<Piece> {
  for (;;) for (const text of texts) yield said(text);
}

export function said(text: string, tokens = 1): Piece {
  return { text, thinking: false, tokens };
}

export function thought(text: string): Piece {
  return { text, thinking: true, tokens: 1 };
}

/** What is said before the first of the stop strings, which is no part of the answer. */
export function* untilStop(script: Script, stops: readonly string[]): Generator<Piece> {
  let text = '';
  for (const piece of script) {
    const before = text.length;
    text += piece.thinking ? '' : piece.text;
    const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (ends.length === 0) yield piece;
    else return yield { ...piece, text: text.slice(before, Math.max(before, Math.min(...ends))) };
  }
}

/** What the model says to a request. Refuses a format that a real server refuses. */
export function scriptOf(ask: AskRequest, model: ModelSpec, options: OllamaOptions): Script {
  const format = formatOf(ask);
  if (model.steered && format === null) return steered(promptOf(ask));
  if (model.steered && format === 'json' && model.path === 'rendered') return endlessJson();
  const thinks = model.capabilities.includes('thinking') && ask.think !== false;
  const thoughts = thinks ? ['Let', ' me', ' look.'].map(thought) : [];
  return [...thoughts, ...cut(textOf(ask, model, options), model, options.chunks)];
}

function textOf(ask: AskRequest, model: ModelSpec, options: OllamaOptions): string {
  const request = { images: imagesOf(ask).map(({ sha256 }) => sha256), prompt: promptOf(ask), model: model.name };
  const format = formatOf(ask);
  const schema = format === 'json' ? { properties: { text: { type: 'string' } } } : format;
  const constrained = schema === null ? null : sampleOf(schema, { path: model.path, seed: hashOf(request) });
  return options.answer?.(request) ?? constrained ?? wordsOf(request);
}

/** Three lines of words, a pure function of the images' bytes and the prompt. */
function wordsOf(request: AnswerRequest): string {
  const hash = hashOf(request);
  const lines = [0, 1, 2].map((line) => hash.slice(line * 20, line * 20 + 20).match(/.{5}/g) ?? []);
  return lines.map((words) => words.join(' ')).join('\n');
}

function hashOf({ images, prompt }: AnswerRequest): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([images, prompt]))
    .digest('hex');
  return hex.replace(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit))); // letters only
}

/** Into as many pieces as asked, else into words, or characters where each is a token. */
function cut(text: string, model: ModelSpec, chunks: number | null): Piece[] {
  if (chunks !== null) {
    const characters = [...text];
    const count = Math.min(chunks, characters.length);
    const start = (index: number) => Math.floor((index * characters.length) / count);
    return Array.from({ length: count }, (_, index) => said(characters.slice(start(index), start(index + 1)).join('')));
  }
  const pattern = model.charactersPerToken === 1 ? /./gsu : /\s*\S+\s*$|\s*\S+/g;
  return [...text.matchAll(pattern)].map(([piece]) => said(piece));
}

function formatOf(ask: AskRequest): 'json' | Readonly<Record<string, unknown>> | null {
  const { format } = ask;
  if (format === null || format === '') return null;
  if (format === 'json') return format;
  if (typeof format === 'object' && !Array.isArray(format)) return format as Readonly<Record<string, unknown>>;
  throw REFUSALS.format(JSON.stringify(format));
}

/** The models of the recordings: the last character of the prompt steers the answer. */
function steered(prompt: string): Script {
  const last = prompt.at(-1) ?? '';
  if (/[A-Z]/.test(last)) return lettersAfter(last);
  if (/\d/.test(last)) return repeat(...'5727770311774765736567092742158921');
  if (last === '!') return repeat('!');
  if (last === '~') return repeat('\t');
  if (last === '(') return repeat('a', 'b');
  if (last === '@') return emoji();
  if (last === '$') return [];
  if (last === '%') return [...[...'*+*'].map(thought), ...[...'eycu bffff'].map((text) => said(text))];
  return [...'t iyzarhe bqvagexqtqyrfepxqnqlshpxt'].map((text) => said(text));
}

function lettersAfter(letter: string): Script {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  return [...alphabet.slice(alphabet.indexOf(letter) + 1)].map((text) => said(text));
}

/** A character of four tokens arrives whole. */
function* emoji(): Generator<Piece> {
  for (;;) yield said('😀', 4);
}

/** `"json"` leaves white space unbounded on the rendered path, and a small model may never find its way out. */
function* endlessJson(): Generator<Piece> {
  for (const text of '{"bqvfivap":true') yield said(text);
  yield* repeat(' ');
}
