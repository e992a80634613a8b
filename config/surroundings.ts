import { homedir } from 'node:os';
import path from 'node:path';
import { variablesOf } from './place.js';

/** What the environment says of the place a command runs in, besides its settings. */
export interface Surroundings {
  /** A build server, where nobody watches a panel. */
  readonly ci: boolean;
  /** `TERM`, or null where it is not set. */
  readonly term: string | null;
  /** Folder for state that must not lie beside an output, by the XDG base directory specification. */
  readonly stateHome: string;
  /** Through which other machines are asked for images; null for none. They may hold passwords. */
  readonly proxies: { readonly http: string | null; readonly https: string | null; readonly none: string | null };
  /** `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`: another S3 server than Amazon's; null for none. */
  readonly s3Endpoint: string | null;
  /** A variable by its name, for secrets that a hosts file names; null where it is not set. */
  variable(name: string): string | null;
}

/** Reads the surroundings from the environment. */
export function surroundingsOf(env: Readonly<Record<string, string | undefined>>): Surroundings {
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  const xdg = env.XDG_STATE_HOME;
  const stateHome = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.local', 'state');
  return {
    ci,
    term: env.TERM ?? null,
    stateHome,
    proxies: {
      http: eitherCase(env, 'http_proxy'),
      https: eitherCase(env, 'https_proxy'),
      none: eitherCase(env, 'no_proxy'),
    },
    s3Endpoint: env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || null,
    variable: variablesOf(env),
  };
}

/** In lower case, which wins as it does with curl, or in capitals; null where it is empty. */
function eitherCase(env: Readonly<Record<string, string | undefined>>, name: string): string | null {
  return (env[name] ?? env[name.toUpperCase()]) || null;
}
