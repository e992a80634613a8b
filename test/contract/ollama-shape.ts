import { linesOf, type WireResponse } from './ollama-wire.js';

/** How far two responses are to agree. */
export interface Depth {
  /** The answer's words and the number of its tokens too. */
  readonly words: boolean;
  /** The number of the prompt's tokens too. */
  readonly promptTokens: boolean;
}

type Body = Readonly<Record<string, unknown>>;

/** What two responses must have in common: status, type, framing, fields and types, error text, and how they end. */
export function describeResponse(response: WireResponse, depth: Depth): unknown {
  const { status, headers, end } = response;
  const framing = headers['transfer-encoding'] ?? (headers['content-length'] === undefined ? null : 'content-length');
  const head = { status, end, framing, type: headers['content-type'] ?? null, allow: headers.allow ?? null };
  const isJson = headers['content-type']?.startsWith('application/') === true;
  if (!isJson) return { ...head, text: response.body };
  const lines = linesOf(response);
  return {
    ...head,
    ...(depth.words && { words: wordsOf(lines) }),
    lines: runs(lines.map((line) => describeLine(line, depth))),
  };
}

function describeLine(line: Body, { words, promptTokens }: Depth): unknown {
  return {
    shape: shapeOf(line),
    error: line.error,
    reason: line.done_reason,
    done: line.done,
    ...(promptTokens && { promptTokens: line.prompt_eval_count }),
    ...(words && { tokens: line.eval_count }),
  };
}

/** Lines of the same description one after the other count as one. */
function runs(described: readonly unknown[]): unknown[] {
  return described.filter(
    (line, index) => index === 0 || JSON.stringify(line) !== JSON.stringify(described[index - 1]),
  );
}

function wordsOf(lines: readonly Body[]): string {
  return lines.map(({ message, response }) => response ?? (message as { content: string }).content).join('');
}

/** Field names and types, all the way down; a list is the set of its elements' shapes. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((element) => JSON.stringify(shapeOf(element))))].sort();
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}
