import { homedir } from 'node:os';
import path from 'node:path';

/** What the environment says of the place a command runs in, besides its settings. */
export interface Surroundings {
  /** A build server, where nobody watches a panel. */
  readonly ci: boolean;
  /** `TERM`, or null where it is not set. */
  readonly term: string | null;
  /** Folder for state that must not lie beside an output, by the XDG base directory specification. */
  readonly stateHome: string;
}

/** Reads the surroundings from the environment. */
export function surroundingsOf(env: Readonly<Record<string, string | undefined>>): Surroundings {
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  const xdg = env.XDG_STATE_HOME;
  const stateHome = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.local', 'state');
  return { ci, term: env.TERM ?? null, stateHome };
}
