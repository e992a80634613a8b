import type { RequestLog } from '../ollama/exchange.js';
import type { Arena } from './arena.js';
import { ROOM } from './schedule.js';

/** Moments since the epoch in milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A host sees the end of a request and the next one's beginning on two connections: in any order, nearly at once. */
const NEARLY_MS = 50;

/** Hosts that had more questions open at once than their slots and what may be sent ahead. */
export async function overruns({ coordinator, ground, workers }: Arena): Promise<readonly string[]> {
  const { ollama } = ground.stage;
  const frozen = [coordinator, ...workers].flatMap(({ freezes }) => freezes);
  const most = await Promise.all(ollama.urls.map(async (_, host) => mostOpen(await ollama.requests(host), frozen)));
  return most.flatMap((open, host) =>
    open <= ROOM ? [] : [`Expected at most ${ROOM} questions at once at host ${host}, got ${open}`],
  );
}

/**
 * Most questions that were open at once at a host.
 *
 * @param frozen - when a process of ours was: what it had open then is let go by nobody, and others may have its slots
 */
export function mostOpen(requests: readonly RequestLog[], frozen: readonly Span[]): number {
  const spans = requests
    .filter(isQuestion)
    .map(({ at, endedAt }) => ({ fromMs: at, toMs: endedAt ?? Number.POSITIVE_INFINITY }));
  const counted = spans.filter(
    (span) => !frozen.some(({ fromMs, toMs }) => span.fromMs <= fromMs && span.toMs >= toMs),
  );
  const changes = counted.flatMap(({ fromMs, toMs }) =>
    toMs - NEARLY_MS <= fromMs
      ? []
      : [
          { atMs: fromMs, by: 1 },
          { atMs: toMs - NEARLY_MS, by: -1 },
        ],
  );
  let [open, most] = [0, 0];
  for (const { by } of changes.sort((a, b) => a.atMs - b.atMs || a.by - b.by)) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}

/** What asks about an image: neither the look at a host nor a load. */
function isQuestion({ body, isTrial, path }: RequestLog): boolean {
  const { messages } = (body ?? {}) as { readonly messages?: readonly { readonly images?: readonly unknown[] }[] };
  return path === '/api/chat' && !isTrial && (messages ?? []).some(({ images = [] }) => images.length > 0);
}
