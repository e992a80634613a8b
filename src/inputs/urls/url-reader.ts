import type { LookupFunction } from 'node:net';
import { VisionError } from '../../core/errors.js';
import type { SourceBytes } from '../../core/item.js';
import type { ByteRange, KnownVersion, UrlReader } from './reader.js';
import { receivedBytes } from './url-body.js';
import { type Clock, SYSTEM_CLOCK } from './url-clock.js';
import { Deadline } from './url-deadline.js';
import { mayWorkLater, notThePart, retryAfterMs, shownUrl, statusError, tooSlow } from './url-failures.js';
import { mustBeAllowed } from './url-guard.js';
import { type ProxySettings, proxyOf } from './url-proxy.js';
import { type Answer, HttpRequests } from './url-request.js';
import { LONGEST_WAIT_MS, type SiteAnswer, Sites } from './url-sites.js';

/** How images are fetched. */
export interface UrlReaderOptions {
  /** The most bytes that a body may have. */
  readonly maxBytes: number;
  /** For a fetch as a whole: connecting, redirects and the body. Waiting for the site does not count. */
  readonly timeoutMs: number;
  /** Redirects that are followed for one URL at most. */
  readonly maxRedirects: number;
  /** Whether hosts that are not on the public internet may be asked, this machine among them. */
  readonly allowPrivate: boolean;
  /** The `User-Agent` of every request. */
  readonly userAgent: string;
  /** Requests that a site, a host with its port, is sent at once. */
  readonly siteConcurrency: number;
  /** From the start of one request to the start of the next one to the same site. */
  readonly siteDelayMs: number;
  readonly proxies: ProxySettings;
  /**
   * How names become addresses.
   *
   * @defaultValue the system's way
   */
  readonly lookup?: LookupFunction;
  /**
   * By which sites are waited for. The deadline of a fetch goes by the system's.
   *
   * @defaultValue the system's
   */
  readonly clock?: Clock;
}

const TIMES_AGAIN = 2;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const NOT_MODIFIED = 304;
const PARTIAL = 206;
/** What is read of a body that nobody needs, so that its socket can serve again; a longer one costs the socket. */
const DUMPED_BYTES = 16_384;

/** Opens no socket before the first read. Who builds the reader closes it. */
export function createUrlReader(options: UrlReaderOptions): UrlReader {
  const requests = new HttpRequests(options);
  const sites = new Sites({
    concurrency: options.siteConcurrency,
    delayMs: options.siteDelayMs,
    clock: options.clock,
  });
  const parts = { options, requests, sites };
  return {
    read: async (text, { range = null, signal } = {}) => {
      const bytes = await new Fetch(text, { ...parts, signal, range, known: null }).run();
      if (bytes === null) throw new VisionError('IMAGE_UNREADABLE', 'The server answered 304, which nobody asked for.');
      return bytes;
    },
    readIfChanged: (text, known, signal) => new Fetch(text, { ...parts, signal, range: null, known }).run(),
    close: () => requests.close(),
  };
}

interface FetchParts {
  readonly options: UrlReaderOptions;
  readonly requests: HttpRequests;
  readonly sites: Sites;
  readonly signal: AbortSignal | undefined;
  readonly range: ByteRange | null;
  readonly known: KnownVersion | null;
}

/** What one request came to. */
type Step = SiteAnswer &
  (
    | { readonly bytes: SourceBytes | null }
    | { readonly next: URL }
    /** `waitMs` is what the server asks for, null where it does not. */
    | { readonly refused: Answer; readonly waitMs: number | null }
    | { readonly failed: VisionError }
  );

/** One URL on its way, over redirects and pauses. */
class Fetch {
  readonly #parts: FetchParts;
  readonly #signal: AbortSignal;
  readonly #start: URL;
  /** Of the time that requests may take. */
  #leftMs: number;
  /** Whether the request under way has been answered, be it slowly. */
  #isHeard = false;

  constructor(text: string, parts: FetchParts) {
    this.#parts = parts;
    this.#signal = parts.signal ?? new AbortController().signal;
    this.#signal.throwIfAborted();
    this.#start = parsed(text);
    this.#leftMs = parts.options.timeoutMs;
  }

  /** Null for the version that is known. */
  async run(): Promise<SourceBytes | null> {
    const { options, sites } = this.#parts;
    let url = this.#start;
    let redirects = 0;
    let again = 0;
    for (;;) {
      mustBeAllowed(url, { ...options, isProxied: proxyOf(url, options.proxies) !== null });
      const asked = url;
      const step = await sites.turn(url.host, this.#signal, () => this.#ask(asked));
      if ('failed' in step) throw step.failed;
      if ('bytes' in step) return step.bytes;
      if ('next' in step) {
        redirects += 1;
        url = step.next;
        if (redirects > options.maxRedirects) throw this.#endless();
      } else {
        again += 1;
        await this.#waitAsTold(step, again);
      }
    }
  }

  /** Throws what was refused where it is not worth waiting for. */
  async #waitAsTold({ refused, waitMs }: Extract<Step, { readonly refused: Answer }>, again: number): Promise<void> {
    if (waitMs === null || waitMs > LONGEST_WAIT_MS || again > TIMES_AGAIN) throw statusError(refused);
    await (this.#parts.options.clock ?? SYSTEM_CLOCK).wait(waitMs, this.#signal);
  }

  async #ask(url: URL): Promise<Step> {
    const { timeoutMs } = this.#parts.options;
    this.#isHeard = false;
    const startedMs = performance.now();
    using deadline = new Deadline({
      timeoutMs: this.#leftMs,
      signal: this.#signal,
      reason: () => tooSlow(this.#start, timeoutMs),
    });
    try {
      return await this.#answered(url, deadline.signal);
    } catch (thrown) {
      this.#signal.throwIfAborted();
      if (deadline.signal.aborted) return { failed: tooSlow(this.#start, timeoutMs), isSilent: !this.#isHeard };
      if (thrown instanceof VisionError) return { failed: thrown };
      const failed = this.#parts.requests.failure(url, thrown);
      return { failed, isSilent: failed.code === 'URL_FETCH' && !this.#isHeard };
    } finally {
      this.#leftMs = Math.max(1, this.#leftMs - (performance.now() - startedMs));
    }
  }

  async #answered(url: URL, signal: AbortSignal): Promise<Step> {
    const { known, options, range, requests } = this.#parts;
    const answer = await requests.send(url, { signal, headers: wanting(range, known) });
    this.#isHeard = true;
    const { body, headers, status } = answer;
    const isWanted = range === null ? status >= 200 && status <= 299 && status !== PARTIAL : status === PARTIAL;
    if (isWanted) return { bytes: await receivedBytes({ ...answer, range }, options.maxBytes) };
    await body.dump({ limit: DUMPED_BYTES });
    if (status === NOT_MODIFIED && known !== null) return { bytes: null };
    const target = REDIRECTS.has(status) ? headers.location : undefined;
    if (typeof target === 'string') return { next: withCredentials(parsed(target, url), url) };
    if (range !== null && status >= 200 && status <= 299) throw notThePart(url, 'the whole');
    return refusedStep(answer);
  }

  #endless(): VisionError {
    const { maxRedirects } = this.#parts.options;
    return new VisionError('URL_FETCH', `${shownUrl(this.#start)} redirects more than ${maxRedirects} times.`);
  }
}

/** The headers that say what of a source is wanted. */
function wanting(range: ByteRange | null, known: KnownVersion | null): Readonly<Record<string, string>> {
  if (range !== null) return { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
  if (known === null) return {};
  return {
    ...(known.etag === null ? {} : { 'if-none-match': known.etag }),
    ...(known.mtimeMs === 0 ? {} : { 'if-modified-since': new Date(known.mtimeMs).toUTCString() }),
  };
}

/** Statuses that say of the whole site that it is asked too much. */
const TOO_MUCH: ReadonlySet<number> = new Set([429, 503]);

function refusedStep(refused: Answer): Step {
  const { headers, status } = refused;
  const waitMs = mayWorkLater(status) ? retryAfterMs(headers, Date.now()) : null;
  return TOO_MUCH.has(status) ? { refused, waitMs, pauseMs: waitMs } : { refused, waitMs };
}

/** A redirect within a site keeps the credentials, as a relative one does by itself. */
function withCredentials(next: URL, { origin, password, username }: URL): URL {
  if (next.origin !== origin || next.username !== '' || next.password !== '') return next;
  const same = new URL(next);
  same.username = username;
  same.password = password;
  return same;
}

function parsed(text: string, base?: URL): URL {
  if (URL.canParse(text, base?.href)) return new URL(text, base);
  const where = base === undefined ? '' : `, to which ${shownUrl(base)} redirects`;
  // The text itself may hold a password in a place where no parser finds it.
  throw new VisionError('IMAGE_UNREADABLE', `Expected a URL with a valid host and port${where}.`);
}
