import { Buffer } from 'node:buffer';
import type { LookupFunction } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { VisionError } from '../core/errors.js';
import type { SourceBytes } from '../core/item.js';
import { receivedBytes } from './url-body.js';
import { Deadline } from './url-deadline.js';
import { connectionError, mayWorkLater, retryAfterMs, shownUrl, statusError, tooSlow } from './url-failures.js';
import { guardedLookup, mustBeAllowed } from './url-guard.js';

/** How images are fetched. */
export interface UrlReaderOptions {
  /** The most bytes that a body may have. */
  readonly maxBytes: number;
  /** For the whole of a fetch: connecting, redirects, waiting as the server asks, and the body. */
  readonly timeoutMs: number;
  /** Redirects that are followed for one URL at most. */
  readonly maxRedirects: number;
  /** Whether hosts that are not on the public internet may be asked, this machine among them. */
  readonly allowPrivate: boolean;
  /** The `User-Agent` of every request. */
  readonly userAgent: string;
  /**
   * How names become addresses.
   *
   * @defaultValue the system's way
   */
  readonly lookup?: LookupFunction;
}

/** Fetches images over http and https. */
export interface UrlReader {
  /**
   * The bytes behind a URL, whatever `Content-Type` says; `mtimeMs` is the time in `Last-Modified`, 0 where the server
   * sends none. Credentials in the URL are sent to its own host only, and appear in no message.
   *
   * A 429 or 5xx with `Retry-After` is asked again within the timeout, twice at most.
   *
   * @throws VisionError URL_FORBIDDEN for another scheme and for a host that is not public, by redirect too;
   * IMAGE_MISSING, IMAGE_FORBIDDEN, IMAGE_TOO_LARGE; IMAGE_UNREADABLE for no URL, an empty body, a web page;
   * URL_FETCH where the same may work later
   * @throws the signal's reason where it fires
   */
  read(url: string, signal?: AbortSignal): Promise<SourceBytes>;
  /** Closes every socket; open reads fail. */
  close(): Promise<void>;
}

const TIMES_AGAIN = 2;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What is read of a body that nobody needs, so that its socket can serve again; a longer one costs the socket. */
const DUMPED_BYTES = 16_384;

/** Opens no socket before the first read. Who builds the reader closes it. */
export function createUrlReader(options: UrlReaderOptions): UrlReader {
  const dispatcher = new Agent({
    headersTimeout: 0, // the deadline bounds the whole
    bodyTimeout: 0,
    connect: { lookup: guardedLookup(options), timeout: options.timeoutMs },
  });
  return {
    read: (text, signal) => read(text, signal, { ...options, dispatcher }),
    close: () => dispatcher.destroy(),
  };
}

interface FetchOptions extends UrlReaderOptions {
  readonly dispatcher: Dispatcher;
}

interface Answer extends Pick<Dispatcher.ResponseData, 'headers' | 'body'> {
  /** Where it came from, after redirects. */
  readonly url: URL;
  readonly status: number;
}

async function read(text: string, signal: AbortSignal | undefined, options: FetchOptions): Promise<SourceBytes> {
  signal?.throwIfAborted();
  const url = parsed(text);
  const { timeoutMs } = options;
  using deadline = new Deadline({ timeoutMs, signal, reason: () => tooSlow(url, timeoutMs) });
  try {
    return await succeeded(url, deadline, options);
  } catch (thrown) {
    if (thrown instanceof VisionError) throw thrown;
    throw deadline.signal.aborted ? deadline.signal.reason : connectionError(url, thrown);
  }
}

async function succeeded(url: URL, deadline: Deadline, options: FetchOptions): Promise<SourceBytes> {
  for (let again = 0; ; again += 1) {
    const answer = await followed(url, deadline.signal, options);
    if (isWhole(answer.status)) return await receivedBytes(answer, options.maxBytes);
    await answer.body.dump({ limit: DUMPED_BYTES });
    const waitMs = mayWorkLater(answer.status) ? retryAfterMs(answer.headers, Date.now()) : null;
    if (waitMs === null || waitMs >= deadline.leftMs || again === TIMES_AGAIN) throw statusError(answer);
    await delay(waitMs, undefined, { signal: deadline.signal });
  }
}

/** A success, but not the 206 of a part that nobody asked for. */
function isWhole(status: number): boolean {
  return status >= 200 && status <= 299 && status !== 206;
}

/** The first answer that is no redirect. Every step is checked as the first one is. */
async function followed(start: URL, signal: AbortSignal, options: FetchOptions): Promise<Answer> {
  let url = start;
  for (let redirects = 0; redirects <= options.maxRedirects; redirects += 1) {
    mustBeAllowed(url, options);
    const { statusCode: status, headers, body } = await request(url, { ...requestOptions(url, options), signal });
    const target = REDIRECTS.has(status) ? headers.location : undefined;
    if (typeof target !== 'string') return { url, status, headers, body };
    await body.dump({ limit: DUMPED_BYTES });
    url = parsed(target, url);
  }
  throw new VisionError('URL_FETCH', `${shownUrl(start)} redirects more than ${options.maxRedirects} times.`);
}

function requestOptions(url: URL, { dispatcher, userAgent }: FetchOptions) {
  // A body in another encoding would have to be unpacked within bounds, and images are packed already.
  const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': userAgent };
  const authorization = basicAuth(url);
  return { dispatcher, headers: authorization === null ? headers : { ...headers, authorization } };
}

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

function parsed(text: string, base?: URL): URL {
  if (URL.canParse(text, base?.href)) return new URL(text, base);
  const where = base === undefined ? '' : `, to which ${shownUrl(base)} redirects`;
  // The text itself may hold a password in a place where no parser finds it.
  throw new VisionError('IMAGE_UNREADABLE', `Expected a URL with a valid host and port${where}.`);
}
