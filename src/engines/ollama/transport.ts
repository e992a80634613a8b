import type { IncomingHttpHeaders } from 'node:http';
import type { SecureContext } from 'node:tls';
import { Ollama } from 'ollama';
import { Agent, type Dispatcher, request } from 'undici';
import { VisionError } from '../../core/errors.js';
import { Door, type DoorOptions, NO_DOOR } from './door.js';
import { refusalError, socketError } from './errors.js';
import { JsonBody } from './json-body.js';
import { SentImages } from './sent-images.js';

export type { ChatRequest, ChatResponse } from 'ollama';

/** How one server is reached. */
export interface TransportOptions {
  /** Address of the server; may hold credentials and a path prefix. */
  readonly url: string;
  /** What the host is called. @defaultValue its address without credentials */
  readonly name?: string;
  /** Sockets to the host at most: slots, requests sent ahead, and one for looking after it. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** How it lets us in. @defaultValue by what its URL holds */
  readonly door?: DoorOptions;
}

/** How long a server may take to close a body after the answer's last line, before its socket is given up. */
const LINGER_MS = 1_000;

/**
 * The way to one Ollama server: ollama-js over `undici.request`, which costs far less than a fetch with its web
 * streams. The agent has no time limits but the one for connecting, because a server sends no byte while a request
 * queues, the model loads or an image is read; time is bounded by the caller's signal.
 */
export class Transport {
  /** What the host is called in rows and logs. */
  readonly host: string;
  readonly #agent: Agent;
  readonly #door: Door;

  constructor(options: TransportOptions) {
    const url = new URL(options.url);
    this.#door = new Door(url, options.door ?? NO_DOOR);
    this.host = options.name ?? withoutCredentials(url);
    this.#agent = new Agent(agentOptions(options, this.#door.secureContext));
  }

  /** Opens one call: a client of its own, whose sockets close when `signal` fires, before headers too. */
  open(signal: AbortSignal): Call {
    return new Call({ host: this.host, door: this.#door, dispatcher: this.#agent, signal });
  }

  /** Closes every socket; open calls fail. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** The agent's settings: undici's own limits of 300 s to headers and between bytes are switched off. */
export function agentOptions(options: TransportOptions, secureContext: SecureContext | null): Agent.Options {
  return {
    connections: options.connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: options.connectTimeoutMs, ...(secureContext === null ? {} : { secureContext }) },
  };
}

interface CallOptions {
  readonly host: string;
  readonly door: Door;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}

/** One use of the server. Whoever opens it ends it, with {@link finish} after a whole answer and {@link abort} else. */
export class Call {
  readonly client: Ollama;
  readonly #options: CallOptions;
  readonly #closing = new AbortController();
  readonly #images = new SentImages();
  readonly #onOuterAbort: () => void;
  #body: JsonBody | null = null;

  constructor(options: CallOptions) {
    const { signal } = options;
    this.#options = options;
    this.#onOuterAbort = () => this.#closing.abort(signal.reason);
    if (signal.aborted) this.#onOuterAbort();
    else signal.addEventListener('abort', this.#onOuterAbort, { once: true });
    const fetch = (input: unknown, init?: RequestInit) => this.#fetch(String(input), init ?? {});
    this.client = new MarkingOllama({ host: options.host, headers: options.door.headers, fetch }, this.#images);
  }

  /** Closes the socket, whatever is still under way. */
  abort(): void {
    this.#unlink();
    this.#closing.abort();
  }

  /** Lets the body come to its end, so that the socket can serve again, and gives the socket up where that does not happen. */
  finish(): void {
    this.#unlink();
    if (this.#body === null || this.#body.ended) return;
    const timer = setTimeout(() => this.#closing.abort(), LINGER_MS);
    this.#body.onEnd(() => clearTimeout(timer));
  }

  #unlink(): void {
    this.#options.signal.removeEventListener('abort', this.#onOuterAbort);
  }

  /**
   * The fetch handed to ollama-js. It throws for every status but 2xx and for every body that is not JSON, since
   * ollama-js writes to the console on those; what it returns is only what ollama-js reads of a Response.
   */
  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const { door, host, dispatcher } = this.#options;
    const signal = this.#closing.signal;
    signal.throwIfAborted(); // undici would open a socket first
    try {
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        signal,
        method: init.method === 'POST' ? 'POST' : 'GET',
        headers: init.headers as Record<string, string>,
        body: typeof init.body === 'string' ? this.#images.body(init.body) : null,
      });
      if (statusCode < 200 || statusCode > 299 || !isJson(headers)) {
        throw refusalError({
          host,
          status: statusCode,
          headers: veiled(headers, door),
          body: door.veil(await body.text()),
          shown: door.shown,
        });
      }
      this.#body = new JsonBody(body, (thrown) => this.#failure(thrown));
      return responseOf(this.#body) as Response;
    } catch (thrown) {
      throw this.#failure(thrown);
    }
  }

  /** The caller's own reason where it ended the call, else what the connection died of. */
  #failure(thrown: unknown): unknown {
    const { signal } = this.#closing;
    if (signal.aborted) return signal.reason;
    return thrown instanceof VisionError ? thrown : socketError(this.#options.host, thrown);
  }
}

/** ollama-js, whose requests hold marks in the place of images. */
export class MarkingOllama extends Ollama {
  readonly #images: SentImages;

  constructor(config: ConstructorParameters<typeof Ollama>[0], images: SentImages) {
    super(config);
    this.#images = images;
  }

  override async encodeImage(image: Uint8Array | string): Promise<string> {
    return typeof image === 'string' ? image : this.#images.mark(image);
  }
}

/** What ollama-js reads of a successful Response. A real one costs a web stream for each answer. */
function responseOf(body: JsonBody): unknown {
  return { ok: true, body: { getReader: () => body }, json: () => body.json() };
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return /^application\/(x-nd)?json\b/.test(headers['content-type'] ?? '');
}

/** The headers that a failure may quote. */
function veiled({ location, ...headers }: IncomingHttpHeaders, door: Door): IncomingHttpHeaders {
  return location === undefined ? headers : { ...headers, location: door.veil(location) };
}

function withoutCredentials(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}
