import type { RequestLog } from '../support/ollama/exchange.js';

export type { RequestLog };

/** Whether a request asked about an image; preloads and trials do not. */
export function isAsk({ path, body, isTrial }: RequestLog): boolean {
  const { messages = [] } = (body ?? {}) as { readonly messages?: readonly unknown[] };
  return path === '/api/chat' && messages.length > 0 && !isTrial;
}

/** Whether a request asked about an image and was answered to its end. */
export function isAnswer(log: RequestLog): boolean {
  return isAsk(log) && log.status === 200 && log.endedAt !== null && !log.aborted;
}
