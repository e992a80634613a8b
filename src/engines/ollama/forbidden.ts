import { VisionError } from '../../core/errors.js';

/** A 401 or 403, and what had been shown. */
export interface Forbidden {
  readonly host: string;
  readonly status: 401 | 403;
  /** What was shown to be let in, in words; null for nothing. */
  readonly shown: string | null;
  /** Of `WWW-Authenticate`; null where it does not say how it lets in. */
  readonly challenge: string | null;
  /** Its own words as a sentence; empty for none. */
  readonly detail: string;
}

const GIVE_KEY = 'Give it a key: --host-key env:NAME, or `key` of the host in YAML.';
const GIVE_PASSWORD = 'Put user and password into its URL.';
const LOOPBACK =
  'as Ollama does for a foreign host name while it is bound to loopback. Start it with OLLAMA_HOST=0.0.0.0, or use its IP address.';

/** What was missing, or what was refused, and what to do. */
export function forbiddenError(forbidden: Forbidden): VisionError {
  const { challenge, detail, host, shown, status } = forbidden;
  const wants = challenge === null ? '' : `It asks for ${schemeOf(challenge)}.`;
  const said = [wants, detail].filter((part) => part !== '').join(' ');
  return new VisionError('HOST_FORBIDDEN', [sentenceOf(forbidden), said].filter((part) => part !== '').join(' '), {
    ...(status === 403 && isWordless(forbidden) ? {} : { fix: shown === null ? missing(challenge) : refused(host) }),
  });
}

function sentenceOf(forbidden: Forbidden): string {
  const { host, shown, status } = forbidden;
  if (status === 403 && isWordless(forbidden)) {
    const doubt = shown === null ? '' : ` (or something before it did not take ${shown})`;
    return `${host} refused the request without a word${doubt}, ${LOOPBACK}`;
  }
  if (shown !== null) return `${host} refused ${shown}.`;
  return status === 401
    ? `${host} asks for credentials, and no key was given.`
    : `${host} forbids the request, and no key was given.`;
}

function isWordless({ challenge, detail }: Forbidden): boolean {
  return challenge === null && detail === '';
}

function schemeOf(challenge: string): string {
  return challenge.split(/[\s,]/, 1)[0] ?? '';
}

function missing(challenge: string | null): string {
  return challenge !== null && /^basic\b/i.test(challenge) ? GIVE_PASSWORD : GIVE_KEY;
}

function refused(host: string): string {
  return `Check it against what ${host} expects.`;
}
