import type { IncomingHttpHeaders } from 'node:http';
import { certificateFault, speaksNoTls } from '../../core/certificate-fault.js';
import { messageOf, VisionError } from '../../core/errors.js';
import { ERROR_RULES, type ErrorRule, NOT_OLLAMA, SERVER_ERROR } from './error-rules.js';
import { forbiddenError } from './forbidden.js';

/** A response that is no answer. */
export interface RefusedResponse {
  /** Named in the failure. */
  readonly host: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What was shown to be let in, in words; null for nothing. */
  readonly shown: string | null;
}

/** More of a server's own words than this helps nobody. */
const LONGEST_QUOTE = 300;

/** The failure that a status and a body mean. */
export function refusalError({ host, status, headers, body, shown }: RefusedResponse): VisionError {
  if (status < 400)
    return failure(NOT_OLLAMA, { host, detail: redirectOf(headers) ?? `It sent HTTP ${status} without JSON.` });
  const said = errorText(body) ?? pageText(body);
  const known = ERROR_RULES.find((candidate) => fits(candidate, status, said));
  if (known === undefined && (status === 401 || status === 403)) {
    const challenge = headers['www-authenticate'] ?? null;
    return forbiddenError({ host, status, shown, challenge, detail: said === '' ? '' : quoted(said) });
  }
  const rule = known ?? otherRule(status);
  return failure(rule, { host, detail: said === '' ? `It sent HTTP ${status} without words.` : quoted(said) });
}

/** What broke an answer after it had begun; the failure gets the text that had arrived. */
export function streamError(host: string, thrown: unknown, partialText: string): VisionError {
  if (thrown instanceof VisionError) {
    return new VisionError(thrown.code, thrown.sentence, { cause: thrown, partialText, blameless: thrown.blameless });
  }
  const said = unwrapped(messageOf(thrown));
  const rule = ERROR_RULES.find((candidate) => candidate.statuses === undefined && fits(candidate, null, said));
  return failure(rule ?? SERVER_ERROR, { host, detail: quoted(said), partialText });
}

/** What a connection died of, or why there was none. */
export function socketError(host: string, thrown: unknown): VisionError {
  const code = codeOf(thrown);
  const said = messageOf(thrown) || code;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new VisionError('HOST_TIMEOUT', `${host} does not take a connection (${said}).`, {
      fix: REMOTE_CAUSES,
      cause: thrown,
    });
  }
  const fault = certificateFault(code, '--host-ca FILE, or `ca` of the host in YAML');
  if (fault !== null) {
    const { fix, reason } = fault;
    return new VisionError('HOST_FORBIDDEN', `${host} ${reason} (${said}).`, { fix, cause: thrown });
  }
  if (speaksNoTls(code)) {
    return new VisionError('HOST_REFUSED', `${host} does not speak https.`, { fix: 'Write http://.', cause: thrown });
  }
  if (thrown instanceof SyntaxError) {
    return new VisionError('HOST_UNREACHABLE', `The answer of ${host} was damaged on its way (${said}).`, {
      cause: thrown,
    });
  }
  if (thrown instanceof Error && thrown.name === 'HTTPParserError') return failure(NOT_OLLAMA, { host, detail: said });
  if (NO_CONNECTION.test(code)) {
    return new VisionError('HOST_UNREACHABLE', `${host} cannot be reached (${said}).`, {
      fix: REMOTE_CAUSES,
      cause: thrown,
      blameless: true,
    });
  }
  if (BROKEN_CONNECTION.test(code)) {
    return new VisionError('HOST_UNREACHABLE', `The connection to ${host} broke (${said}).`, { cause: thrown });
  }
  return new VisionError('UNEXPECTED', said, { cause: thrown });
}

/** Another client, or a question of before, left two images side by side in the prompt cache of the host. */
export function isDamagedCache(told: unknown): boolean {
  return told instanceof VisionError && told.code === 'HOST_CRASHED' && told.sentence.includes('Chunk not found');
}

const NO_CONNECTION = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL)$/;
const BROKEN_CONNECTION =
  /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|ERR_SSL|ERR_TLS)/;
const REMOTE_CAUSES =
  'Is the server running? On another machine it must not be bound to loopback (OLLAMA_HOST=0.0.0.0), and its firewall must let port 11434 through.';

function fits(rule: ErrorRule, status: number | null, said: string): boolean {
  if (rule.statuses !== undefined && (status === null || !rule.statuses.includes(status))) return false;
  return rule.says === undefined || rule.says.test(said);
}

function otherRule(status: number): ErrorRule {
  return status >= 500 ? SERVER_ERROR : NOT_OLLAMA;
}

interface FailureDetail {
  readonly host: string;
  /** One sentence: the server's own words, or what it did. */
  readonly detail: string;
  readonly partialText?: string;
}

function failure(rule: ErrorRule, { host, detail, partialText }: FailureDetail): VisionError {
  const model = /model ['"](.+?)['"] not found/.exec(detail)?.[1] ?? 'MODEL';
  return new VisionError(rule.code, `${rule.sentence.replace('{host}', host)} ${detail}`, {
    ...(rule.fix === undefined ? {} : { fix: rule.fix.replace('MODEL', model) }),
    ...(partialText === undefined ? {} : { partialText }),
    blameless: rule.blameless ?? false,
  });
}

function quoted(said: string): string {
  const line = said.replace(/\s+/g, ' ').trim();
  return `It said: "${line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line}".`;
}

/** The `error` of a JSON body, or null where the body is none of Ollama's. */
function errorText(body: string): string | null {
  const parsed = parsedJson(body);
  const error = isObject(parsed) ? parsed.error : undefined;
  return typeof error === 'string' ? unwrapped(error) : null;
}

/** Llama-server's own JSON error stands as a string inside Ollama's, at times with a further line behind it. */
function unwrapped(error: string): string {
  const at = error.indexOf('{"error"');
  const inner = at < 0 ? undefined : parsedJson(error.slice(at).split('\n', 1)[0] ?? '');
  const nested = isObject(inner) ? inner.error : undefined;
  return isObject(nested) && typeof nested.message === 'string' ? nested.message : error;
}

/** The words of a proxy's page. */
function pageText(body: string): string {
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function redirectOf(headers: IncomingHttpHeaders): string | undefined {
  return headers.location === undefined ? undefined : `It redirects to ${headers.location}.`;
}

/** The code of an error, or of what caused it. */
function codeOf(thrown: unknown): string {
  if (!isObject(thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : codeOf(thrown.cause);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
