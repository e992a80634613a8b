import { VisionError } from '../../core/errors.js';
import type { SourceReader } from '../../core/item.js';
import { type Clock, SYSTEM_CLOCK } from './url-clock.js';
import { SiteAtRest, SiteGivenUp } from './url-failures.js';

/** How long somebody waits. */
export interface Patience {
  /** Ends every wait; its reason is thrown. */
  readonly signal: AbortSignal;
  /** @defaultValue the system's */
  readonly clock?: Clock;
}

const TRIES = 3;
/** Between the first try and the second; doubled for the next. */
const FIRST_WAIT_MS = 1_000;

/** A reader for who cannot put a source off: it waits for sites at rest, and tries three times where a fetch fails. */
export function patientReader(read: SourceReader, patience: Patience): SourceReader {
  const { clock = SYSTEM_CLOCK, signal } = patience;
  return async (source, how) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await afterRest(() => read(source, { ...how, signal }), patience);
      } catch (thrown) {
        if (tries === TRIES || !mayWorkSoon(thrown)) throw thrown;
        await clock.wait(FIRST_WAIT_MS * 2 ** (tries - 1), signal);
      }
    }
  };
}

/** Fetches, and again after its rest where a site wants to be left alone: no site is at rest for ever. */
export async function afterRest<T>(fetch: () => Promise<T>, { clock = SYSTEM_CLOCK, signal }: Patience): Promise<T> {
  for (;;) {
    try {
      return await fetch();
    } catch (thrown) {
      if (!(thrown instanceof SiteAtRest)) throw thrown;
      await clock.wait(thrown.waitMs, signal);
    }
  }
}

function mayWorkSoon(thrown: unknown): boolean {
  return thrown instanceof VisionError && thrown.code === 'URL_FETCH' && !(thrown instanceof SiteGivenUp);
}
