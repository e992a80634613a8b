import { Agent, request } from 'node:http';
import type { WireEnd } from './ollama-recordings.js';

/** A response as it came over the wire. */
export interface WireResponse {
  /** Null where the connection closed before any header. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly end: WireEnd;
}

/** What to send. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is, anything else as JSON; null sends none. */
  readonly body: unknown;
  readonly signal?: AbortSignal;
  /** Called with the body so far, whenever some arrived. */
  readonly onBody?: (soFar: string) => void;
}

/** Sends one request on a connection of its own and keeps whatever comes, however it ends. */
export function exchangeWith(
  url: string,
  { method, path, headers = {}, body, signal, onBody }: WireRequest,
): Promise<WireResponse> {
  const agent = new Agent({ keepAlive: false });
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers, agent, ...(signal !== undefined && { signal }) });
    const beforeHeaders = () => resolve({ status: null, headers: {}, body: '', end: 'closed-before-headers' });
    let headersCame = false;
    sent.on('error', (error) => {
      if (signal?.aborted === true) reject(error);
      else if (!headersCame) beforeHeaders(); // later errors end the body
    });
    sent.on('response', (response) => {
      headersCame = true;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        onBody?.(text);
      });
      response.on('error', () => undefined); // 'close' tells the same
      response.on('close', () => {
        const flat = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
        const end = response.complete ? 'end' : 'eof';
        resolve({ status: response.statusCode ?? null, headers: Object.fromEntries(flat), body: text, end });
      });
    });
    if (body !== null) sent.write(typeof body === 'string' ? body : JSON.stringify(body));
    sent.end();
  });
}

/** Sends JSON to `/api/chat`. */
export function chat(url: string, body: unknown, more: Partial<WireRequest> = {}): Promise<WireResponse> {
  return exchangeWith(url, { method: 'POST', path: '/api/chat', body, ...more });
}

/** Lines of a stream, parsed. */
export function linesOf({ body }: WireResponse): Readonly<Record<string, unknown>>[] {
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Resolves once the condition holds; a test's own time limit bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
