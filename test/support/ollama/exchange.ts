import type { IncomingMessage, ServerResponse } from 'node:http';
import { goJson, type Refusal } from './refusal.js';

/** One request as a test sees it afterwards. */
export interface RequestLog {
  readonly method: string;
  readonly path: string;
  /** The JSON that was sent, each image replaced by its SHA-256; null where it was none or not decodable. */
  body: unknown;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When its response or its connection ended; null while it runs. */
  endedAt: number | null;
  /** Null until headers were sent. */
  status: number | null;
  /** Lines of its stream so far, and when the first and the last one were written; null before. */
  lines: number;
  firstLineAt: number | null;
  lastLineAt: number | null;
  /** The client left before the response was complete. */
  aborted: boolean;
  /** A client's trial of the host. */
  isTrial: boolean;
}

/** Why an exchange ends without another byte. */
export class Silence extends Error {}

const JSON_UTF8 = 'application/json; charset=utf-8';
/** What Ollama calls its errors once a request was scheduled as a stream. */
const JSON_BARE = 'application/json';

/** Go's server knows a body's length if it fits its buffer, and else sends it in chunks. */
const GO_BUFFER_BYTES = 2048;

/** One request and its response, written as Go's server writes them. */
export class Exchange {
  readonly startedMs = performance.now();
  /** Aborted when the client leaves, the runner dies or the host goes silent. */
  readonly controller = new AbortController();
  readonly log: RequestLog;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #tearBytes: number | null;

  constructor(request: IncomingMessage, response: ServerResponse, tearBytes: number | null) {
    this.#request = request;
    this.#response = response;
    this.#tearBytes = tearBytes;
    const path = (request.url ?? '').replace(/\?.*$/, '');
    const method = request.method ?? '';
    const stream = { lines: 0, firstLineAt: null, lastLineAt: null };
    const open = { at: Date.now(), endedAt: null, status: null, aborted: false, isTrial: false };
    this.log = { method, path, body: null, ...stream, ...open };
    response.removeHeader('Connection'); // Node's own; Go sends none
    response.once('close', () => this.#closed());
  }

  get host(): string {
    return this.#request.headers.host ?? '';
  }

  /** The whole body. Throws {@link Silence} when the client leaves first. */
  async body(): Promise<Buffer> {
    const parts: Buffer[] = [];
    try {
      for await (const part of this.#request) parts.push(part as Buffer);
    } catch {
      throw new Silence('the client left');
    }
    return Buffer.concat(parts);
  }

  /** A complete JSON response. */
  json(status: number, value: unknown, type = JSON_UTF8): void {
    this.raw(status, goJson(value), { 'Content-Type': type });
  }

  /** A complete response. */
  raw(status: number, body: string, headers: Readonly<Record<string, string>>): void {
    this.log.status = status;
    const bytes = Buffer.byteLength(body);
    this.#response.writeHead(status, bytes > GO_BUFFER_BYTES ? headers : { ...headers, 'Content-Length': bytes });
    this.#response.end(body);
  }

  /** A line of a stream; headers leave with the first one. Resolves when the client can take more. */
  async line(value: unknown): Promise<void> {
    const text = `${goJson(value)}\n`;
    if (!this.#response.headersSent) this.#open(200, 'application/x-ndjson');
    this.log.lastLineAt = Date.now();
    this.log.firstLineAt ??= this.log.lastLineAt;
    this.log.lines += 1;
    const pieces = this.#tearBytes === null ? [text] : torn(text, this.#tearBytes);
    for (const piece of pieces) if (!this.#response.write(piece)) await this.#drained();
  }

  /** The clean end of a stream. */
  end(): void {
    if (!this.#response.headersSent) this.#open(200, 'application/x-ndjson');
    this.#response.end();
  }

  /** An error: a status of its own while nothing was sent, else the last line. `late`: raised after scheduling. */
  async refuse(refusal: Refusal, { late }: { readonly late: boolean }): Promise<void> {
    const body = { error: refusal.message };
    if (this.#response.headersSent) {
      await this.line(body);
      this.#response.end();
    } else if (late) {
      this.#open(refusal.status, JSON_BARE);
      this.#response.end(goJson(body));
    } else {
      this.json(refusal.status, body);
    }
  }

  /** Closes the connection as a crashed machine does. */
  reset(): void {
    this.controller.abort(new Silence('the connection was reset'));
    this.#response.socket?.resetAndDestroy();
  }

  #open(status: number, type: string): void {
    this.log.status = status;
    this.#response.writeHead(status, { 'Content-Type': type });
  }

  #drained(): Promise<void> {
    if (this.#response.closed) return Promise.resolve(); // neither event comes any more
    return new Promise((resolve) => {
      this.#response.once('drain', resolve);
      this.#response.once('close', resolve);
    });
  }

  #closed(): void {
    this.log.endedAt = Date.now();
    if (this.#response.writableFinished) return;
    this.log.aborted = !this.controller.signal.aborted;
    this.controller.abort(new Silence('the client left'));
  }
}

/** A text's bytes in pieces of that many. */
function torn(text: string, bytes: number): Buffer[] {
  const whole = Buffer.from(text);
  return Array.from({ length: Math.ceil(whole.length / bytes) }, (_, index) =>
    whole.subarray(index * bytes, (index + 1) * bytes),
  );
}
