import { redact } from '../../src/core/redact.js';
import { refuse } from '../kinds.js';

/** The name of the built-in OCR where a host is expected. */
export const CPU = 'cpu';

/** Port of an Ollama server where none is named. */
const OLLAMA_PORT = 11_434;

/** Where Ollama listens unless told otherwise. */
export const LOCAL_ADDRESS = `http://127.0.0.1:${OLLAMA_PORT}`;

/** A server's URL without a slash at its end, or {@link CPU}. Throws a Refusal for anything else. */
export function parseAddress(target: string): string {
  if (target === CPU) return CPU;
  const url = toUrl(target);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return refuse('a URL such as http://gpu1:11434, or cpu', withoutPiece(target), suggestion(target));
  }
  return withoutSlash(url);
}

/** Without what may be a password, or the first piece of one that holds a comma. */
function withoutPiece(target: string): string {
  return target
    .replace(/^(?!\w+:\/\/).*@/s, '***@')
    .replace(/^((?:\w+:\/\/)?[^/:@]*):(?!\/\/|\d{1,5}(?:[/?#]|$))[^@]*$/, '$1:***');
}

function suggestion(target: string): string {
  const guess = target.includes('://') ? null : toUrl(`http://${target}`);
  if (guess === null || target === '') return '';
  if (guess.port === '') guess.port = String(OLLAMA_PORT);
  return `did you mean ${redact(withoutSlash(guess))} ?`;
}

/**
 * What `OLLAMA_HOST` means to a client, by the server's own rules: a missing scheme is http, a missing port 11434
 * (80 and 443 where http or https is written), a missing name or the any-address is this machine.
 *
 * @returns null where it is no address at all
 */
export function ollamaAddress(value: string): string | null {
  const address = value.trim().replace(/^["']|["']$/g, '');
  const schemed = address.includes('://');
  const url = toUrl(schemed ? address : `http://${address.startsWith(':') ? '127.0.0.1' : ''}${address}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const ported = schemed || /(^|[^:]):\d+(\/|$)/.test(address);
  if (!ported) url.port = String(OLLAMA_PORT);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  return withoutSlash(url);
}

/** Whether a URL holds a user or a password. */
export function hasUserinfo(url: string): boolean {
  const parsed = toUrl(url);
  return parsed !== null && (parsed.username !== '' || parsed.password !== '');
}

/** Node 20 has no URL.parse. */
function toUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function withoutSlash(url: URL): string {
  return url.href.replace(/\/+$/, '');
}
