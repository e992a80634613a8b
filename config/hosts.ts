import { parsed, refuse } from './kinds.js';
import type { Kind } from './setting.js';

/** The name of the built-in OCR where a host is expected. */
export const CPU = 'cpu';

/** Port of an Ollama server where none is named. */
const OLLAMA_PORT = 11_434;

/** A host as the user named it. */
export interface HostSpec {
  /** Base URL without a slash at its end, credentials included, or {@link CPU} for the built-in OCR. */
  readonly url: string;
  /** Items in hand at once, 1 or more; null where not given. */
  readonly slots: number | null;
  /** Requests sent beyond the slots, 0 or more; null where not given. */
  readonly ahead: number | null;
}

/** `URL[,slots=N][,ahead=N]`, or `cpu[,slots=N]`. */
export const HOST: Kind<HostSpec> = {
  placeholder: 'URL[,slots=N][,ahead=N]',
  type: parsed(parseHost),
  show: ({ url, slots, ahead }) =>
    url + (slots === null ? '' : `,slots=${slots}`) + (ahead === null ? '' : `,ahead=${ahead}`),
};

function parseHost(raw: unknown): HostSpec {
  if (typeof raw !== 'string' || raw === '') return refuse('a host such as http://gpu1:11434,slots=2, or cpu', raw);
  const [target = '', ...options] = raw.split(',');
  const host = { url: target === CPU ? CPU : parseUrl(target), slots: null, ahead: null };
  const parsedHost = options.reduce<HostSpec>((spec, option) => withOption(spec, option), host);
  if (parsedHost.url === CPU && parsedHost.ahead !== null) return refuse('cpu without ahead', raw);
  return parsedHost;
}

function withOption(spec: HostSpec, option: string): HostSpec {
  const [name, value = ''] = option.split('=', 2);
  if (name === 'slots' && value === 'auto') {
    return refuse('a number of slots', option, 'finding the number by itself comes in a later version');
  }
  if (name !== 'slots' && name !== 'ahead') return refuse('slots=N or ahead=N after a host', option);
  const least = name === 'slots' ? 1 : 0;
  const number = /^\d{1,4}$/.test(value) ? Number(value) : Number.NaN;
  return number >= least ? { ...spec, [name]: number } : refuse(`${name} to be a number, ${least} or more`, value);
}

function parseUrl(target: string): string {
  const url = toUrl(target);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return refuse('a URL such as http://gpu1:11434, or cpu', target, suggestion(target));
  }
  return withoutSlash(url);
}

function suggestion(target: string): string {
  const guess = target.includes('://') ? null : toUrl(`http://${target}`);
  if (guess === null || target === '') return '';
  if (guess.port === '') guess.port = String(OLLAMA_PORT);
  return `did you mean ${withoutSlash(guess)} ?`;
}

/**
 * What `OLLAMA_HOST` means to a client, by the server's own rules: a missing scheme is http, a missing port 11434
 * (80 and 443 where http or https is written), a missing name or the any-address is this machine.
 *
 * @returns null where it is no address at all
 */
export function ollamaHost(value: string): HostSpec | null {
  const address = value.trim().replace(/^["']|["']$/g, '');
  const schemed = address.includes('://');
  const url = toUrl(schemed ? address : `http://${address.startsWith(':') ? '127.0.0.1' : ''}${address}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const ported = schemed || /(^|[^:]):\d+(\/|$)/.test(address);
  if (!ported) url.port = String(OLLAMA_PORT);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  return { url: withoutSlash(url), slots: null, ahead: null };
}

/** Where Ollama listens unless told otherwise. */
export const LOCAL_OLLAMA: HostSpec = { url: `http://127.0.0.1:${OLLAMA_PORT}`, slots: null, ahead: null };

/** Node 20 has no URL.parse. */
function toUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function withoutSlash(url: URL): string {
  return url.href.replace(/\/+$/, '');
}
