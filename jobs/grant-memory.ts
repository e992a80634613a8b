import { GRANT_TTL_MS } from './fleet.js';

/** What this process's holders were last answered: they act on it until the next answer. */
export class GrantMemory {
  readonly #now: () => number;
  readonly #grants = new Map<string, { readonly slots: number; readonly calledMs: number }>();

  /** @param now - this machine's clock in milliseconds, from any start */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes a claim: `ask` gets what the holder has now, null where that has lapsed. */
  async claim<T extends { readonly slots: number }>(
    { host, holder }: { readonly host: string; readonly holder: string },
    ask: (had: number | null) => Promise<T>,
  ): Promise<T> {
    const key = keyOf(host, holder);
    const calledMs = this.#now();
    const known = this.#grants.get(key);
    const grant = await ask(known !== undefined && calledMs - known.calledMs < GRANT_TTL_MS ? known.slots : null);
    this.#grants.set(key, { slots: grant.slots, calledMs });
    return grant;
  }

  forget(host: string, holder: string): void {
    this.#grants.delete(keyOf(host, holder));
  }
}

function keyOf(host: string, holder: string): string {
  return `${host} ${holder}`;
}
