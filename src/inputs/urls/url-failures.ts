import type { IncomingHttpHeaders } from 'node:http';
import { VisionError } from '../../core/errors.js';

const LONGEST_SHOWN_CHARACTERS = 200;

/** A URL for a message to a person: without credentials, and without its query, which may hold a signature or a token. */
export function shownUrl(url: URL): string {
  const host = url.host === '' ? '' : `//${url.host}`;
  const whole = `${url.protocol}${host}${url.pathname}${url.search === '' ? '' : '?…'}`;
  return whole.length > LONGEST_SHOWN_CHARACTERS ? `${whole.slice(0, LONGEST_SHOWN_CHARACTERS)}…` : whole;
}

/** What a server answered instead of an image. */
export interface Refusal {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/**
 * The failure of an answer that is no success: IMAGE_MISSING (404, 410), IMAGE_FORBIDDEN (401, 402, 403, 407, 451),
 * URL_FETCH where the same may work later (408, 425, 429, 5xx), else IMAGE_UNREADABLE.
 */
export function statusError({ url, status, headers }: Refusal): VisionError {
  const page = /^text\/html\b/i.test(firstOf(headers['content-type'])) ? ' with an HTML page' : '';
  const sentence = `${url.host} answered ${status}${page} to ${shownUrl(url)}.`;
  if (status === 404 || status === 410) return new VisionError('IMAGE_MISSING', sentence);
  if (FORBIDDEN.has(status)) {
    return new VisionError('IMAGE_FORBIDDEN', sentence, {
      fix: 'It may need credentials: https://USER:PASSWORD@HOST/…',
    });
  }
  return new VisionError(mayWorkLater(status) ? 'URL_FETCH' : 'IMAGE_UNREADABLE', sentence);
}
const FORBIDDEN: ReadonlySet<number> = new Set([401, 402, 403, 407, 451]);

/** Whether a status says nothing of the image, only of the moment. */
export function mayWorkLater(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/**
 * How long the server asks to wait, in milliseconds from `nowMs` (since 1970); null where it does not say. Seconds or a
 * date (RFC 9110 §10.2.3).
 */
export function retryAfterMs(headers: IncomingHttpHeaders, nowMs: number): number | null {
  const text = firstOf(headers['retry-after']).trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

/** undici gives a list where a server sends a header twice; Node's type knows that of few headers only. */
function firstOf(header: string | readonly string[] | undefined): string {
  return (typeof header === 'string' ? header : header?.[0]) ?? '';
}

/** The time in `Last-Modified`, whole milliseconds since 1970; 0 where there is none. */
export function lastModifiedMs(headers: IncomingHttpHeaders): number {
  const atMs = Date.parse(firstOf(headers['last-modified']));
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs);
}

/**
 * URL_FETCH for what a connection died of: a name that is not known, no way to the host, a closed socket, bad TLS.
 *
 * @param via - what was asked in the host's place, such as `through the proxy http://127.0.0.1:3128`; `''` for none
 */
export function connectionError(url: URL, thrown: unknown, via = ''): VisionError {
  if (thrown instanceof VisionError) return thrown;
  const sentence = `Fetching ${shownUrl(url)}${via === '' ? '' : ` ${via}`} failed: ${reasonOf(thrown)}.`;
  return new VisionError('URL_FETCH', sentence, { cause: thrown });
}

/** What a proxy answered instead of opening a tunnel, in undici's words. */
const PROXY_ANSWER = /^Proxy response \((\d+)\)|^Proxy Authentication Required \((\d+)\)/;

/** The system's or undici's code where there is one: their messages hold addresses, and several lines for several of them. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const [, status, wanted = status] = PROXY_ANSWER.exec(thrown.message) ?? [];
  if (wanted !== undefined) return `the proxy answered ${wanted}`;
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.message;
}

/** IMAGE_TOO_LARGE for a body of more than `maxBytes`. */
export function tooLarge(url: URL, maxBytes: number): VisionError {
  return new VisionError('IMAGE_TOO_LARGE', `${shownUrl(url)} has more than the ${maxBytes} bytes allowed.`, {
    fix: 'Make a smaller copy of it.',
  });
}

/** IMAGE_UNREADABLE where a server sent something else than the part that was asked for. */
export function notThePart(url: URL, sent: string): VisionError {
  return new VisionError('IMAGE_UNREADABLE', `${url.host} sent ${sent} of ${shownUrl(url)}, not the part asked for.`, {
    fix: 'Download the archive and give its path.',
  });
}

/** URL_FETCH for a fetch that did not end in time. */
export function tooSlow(url: URL, timeoutMs: number): VisionError {
  return new VisionError('URL_FETCH', `Fetching ${shownUrl(url)} took longer than ${timeoutMs} ms.`);
}

/** URL_FETCH for what was not asked for: its site is left alone for a while. Nothing was tried, so it counts as no try. */
export class SiteAtRest extends VisionError {
  /** Until the site may be asked again. */
  readonly waitMs: number;

  constructor(site: string, waitMs: number) {
    super('URL_FETCH', `${site} is left alone for ${inSeconds(waitMs)}.`);
    this.waitMs = waitMs;
  }
}

/** URL_FETCH for what was not asked for: its site has failed so often that nobody waits for it. */
export class SiteGivenUp extends VisionError {
  constructor(sentence: string) {
    super('URL_FETCH', sentence, { fix: 'The same command asks it again.' });
  }
}

/** The site has refused for too long, or asks for too long a pause. */
export function siteRefuses(site: string, waitMs: number): SiteGivenUp {
  return new SiteGivenUp(`${site} refuses requests: it was not asked for this, and is not for ${inSeconds(waitMs)}.`);
}

/** The site has not answered several times in a row. */
export function siteSilent(site: string): SiteGivenUp {
  return new SiteGivenUp(`${site} does not answer: it is asked now and then only, and was not asked for this.`);
}

function inSeconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}
