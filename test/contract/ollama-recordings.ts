import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

const FOLDER = new URL('../fixtures/ollama-wire/', import.meta.url);

/** How a recorded connection ended: after a complete response, cut inside the body, or before any header. */
export type WireEnd = 'end' | 'eof' | 'closed-before-headers';

/** One recorded exchange with a real Ollama server. Images stand as `<base64 of N bytes, kind>`, long texts are cut. */
export interface Recording {
  readonly case: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    /** What was sent: JSON, a raw text where it was not JSON, or null where nothing was. */
    readonly body: unknown;
  };
  readonly response: {
    /** Null where the connection closed before any header. */
    readonly status: number | null;
    readonly headers: Readonly<Record<string, string>>;
    readonly end: WireEnd;
    /** The body as it came, chunk by chunk, left-out chunks put back in; one element where it came whole. */
    readonly chunks: readonly string[];
    /** True where the recording was cut and {@link loadRecordings} ended the JSON after its last whole element. */
    readonly repaired: boolean;
  };
  readonly note: string;
}

interface RawRecording extends Omit<Recording, 'response'> {
  readonly response: {
    readonly status?: number;
    readonly headers?: Record<string, string>;
    readonly end: string;
    readonly bodyText?: string;
    readonly chunks?: readonly ({ readonly text: string } | { readonly note: string })[];
  };
}

/** All recordings, by name. */
export function loadRecordings(): Recording[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => complete(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as RawRecording));
}

/** The recording of that name. Throws where there is none. */
export function recordingOf(name: string): Recording {
  const found = loadRecordings().find((recording) => recording.case === name);
  if (found === undefined) throw new Error(`Expected a recording named ${name}`);
  return found;
}

/** A server that gives one recorded response to whatever it is asked. */
export interface ReplayServer extends AsyncDisposable {
  readonly url: string;
  /** Every request so far. */
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body: string }[];
}

/** Answers every request with exactly the recorded status, headers, chunks and end of connection. */
export async function replayServer(recording: Recording): Promise<ReplayServer> {
  const requests: { method: string; path: string; body: string }[] = [];
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, async (request, response) => {
    const body = await bodyOf(request);
    if (body === null) return;
    requests.push({ method: request.method ?? '', path: request.url ?? '', body });
    replay(recording, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The body of a request, or null where the client left before it was complete. */
function bodyOf(request: IncomingMessage): Promise<string | null> {
  return buffer(request).then(
    (bytes) => bytes.toString('utf8'),
    () => null,
  );
}

function replay({ response: recorded }: Recording, response: ServerResponse): void {
  response.sendDate = false;
  response.removeHeader('Connection'); // Node's own; the real server sends none
  if (recorded.status === null) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(recorded.status, Object.entries(recorded.headers).flat());
  for (const chunk of recorded.chunks) if (chunk !== '') response.write(chunk);
  if (recorded.end === 'end') response.end();
  else response.socket?.end(); // all bytes so far arrive, the last empty chunk never does
}

function complete(raw: RawRecording): Recording {
  const { status = null, headers = {}, end, bodyText, chunks } = raw.response;
  const whole = bodyText === undefined ? null : repair(bodyText);
  const sent = whole === null ? expand(chunks ?? []) : [whole.text];
  return {
    ...raw,
    response: { status, headers: fitting(headers, sent), end: endOf(end), chunks: sent, repaired: whole?.cut ?? false },
  };
}

function endOf(end: string): WireEnd {
  if (end === 'end' || end === 'eof') return end;
  if (end.includes('closed before headers')) return 'closed-before-headers';
  throw new Error(`Expected a known end of a recording, got ${end}`);
}

/** Puts left-out chunks back: a note stands for N chunks like the one before it. */
function expand(chunks: NonNullable<RawRecording['response']['chunks']>): string[] {
  const all: string[] = [];
  for (const chunk of chunks) {
    if ('text' in chunk) all.push(chunk.text);
    else all.push(...Array<string>(leftOut(chunk.note)).fill(all.at(-1) ?? ''));
  }
  return all;
}

function leftOut(note: string): number {
  const count = /^(\d+) further chunks/.exec(note)?.[1];
  if (count === undefined) throw new Error(`Expected "N further chunks …", got ${note}`);
  return Number(count);
}

/** A list of models that was cut for length ends after its last whole model. */
function repair(text: string): { text: string; cut: boolean } {
  if (!/<… \d+ characters>$/.test(text)) return { text, cut: false };
  return { text: `${text.slice(0, text.lastIndexOf('},{') + 1)}]}`, cut: true };
}

/** Where a name in the text was made anonymous, its recorded length no longer fits. */
function fitting(headers: Record<string, string>, sent: readonly string[]): Record<string, string> {
  if (headers['Content-Length'] === undefined) return headers;
  return { ...headers, 'Content-Length': String(Buffer.byteLength(sent.join(''))) };
}
