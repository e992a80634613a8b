import { Buffer } from 'node:buffer';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import type { VisionError } from '../../core/errors.js';
import { connectionError } from './url-failures.js';
import { guardedLookup, type UrlGuardOptions } from './url-guard.js';
import { type ProxySettings, proxyOf, shownProxy } from './url-proxy.js';

export interface RequestOptions extends UrlGuardOptions {
  readonly userAgent: string;
  readonly proxies: ProxySettings;
  /** To connect, but never longer than ten seconds; the signal of a request bounds all else. */
  readonly timeoutMs: number;
}

/** One answer, before its body was read. */
export interface Answer extends Pick<Dispatcher.ResponseData, 'headers' | 'body'> {
  readonly url: URL;
  readonly status: number;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Beside those that every request has. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Sends single requests, each directly or through the proxy that the environment names for it. The addresses of names
 * are checked as sockets connect; a proxy looks names up itself, and may be anywhere.
 */
export class HttpRequests {
  readonly #options: RequestOptions;
  readonly #direct: Agent;
  /** By their URLs. */
  readonly #proxies = new Map<string, ProxyAgent>();

  constructor(options: RequestOptions) {
    this.#options = options;
    this.#direct = new Agent({
      ...NO_TIMEOUTS,
      connect: { lookup: guardedLookup(options), timeout: connectMs(options) },
    });
  }

  /** Asks for a URL, which was checked. Throws what undici throws. */
  async send(url: URL, { headers, signal }: SendOptions): Promise<Answer> {
    const { statusCode, ...answer } = await request(url, {
      dispatcher: this.#dispatcherFor(url),
      headers: { ...this.#everyHeader(url), ...headers },
      signal,
    });
    return { url, status: statusCode, headers: answer.headers, body: answer.body };
  }

  /** The failure of an item for what {@link send} has thrown, or what reading the body has. */
  failure(url: URL, thrown: unknown): VisionError {
    const proxy = proxyOf(url, this.#options.proxies);
    return connectionError(url, thrown, proxy === null ? '' : `through the proxy ${shownProxy(proxy)}`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((dispatcher) => dispatcher.destroy()));
  }

  #dispatcherFor(url: URL): Dispatcher {
    const proxy = proxyOf(url, this.#options.proxies);
    if (proxy === null) return this.#direct;
    const known = this.#proxies.get(proxy.href) ?? this.#through(proxy);
    this.#proxies.set(proxy.href, known);
    return known;
  }

  #through(proxy: URL): ProxyAgent {
    const timeout = connectMs(this.#options);
    const token = basicAuth(proxy);
    return new ProxyAgent({
      ...NO_TIMEOUTS,
      uri: proxy.origin,
      ...(token === null ? {} : { token }),
      proxyTunnel: false, // of http: many proxies open no tunnel to port 80
      proxyTls: { timeout },
      requestTls: { timeout },
    });
  }

  #everyHeader(url: URL): Record<string, string> {
    // A body in another encoding would have to be unpacked within bounds, and images are packed already.
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': this.#options.userAgent };
    const authorization = basicAuth(url);
    return authorization === null ? headers : { ...headers, authorization };
  }
}

/** A host that has not taken a connection by then is not there; somebody's slot waits for it. */
const LONGEST_CONNECT_MS = 10_000;

function connectMs({ timeoutMs }: RequestOptions): number {
  return Math.min(timeoutMs, LONGEST_CONNECT_MS);
}

/** The deadline of a fetch bounds the whole. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 };

function basicAuth({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`, 'utf8').toString('base64')}`;
}

/** A password may hold a `%` that stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
