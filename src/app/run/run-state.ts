import type { RunMeta } from '../../results/run-meta.js';
import type { RunStore } from '../../results/store.js';

/** The run's meta as this process keeps it: changed here, written to the store, one change after the other. */
export class RunState {
  readonly #store: RunStore;
  #meta: RunMeta;
  #writing: Promise<void> = Promise.resolve();
  #onPinned: () => void = () => {};
  /** Resolves when a digest is pinned in this start. */
  readonly pinned = new Promise<void>((resolve) => {
    this.#onPinned = resolve;
  });

  constructor(store: RunStore, meta: RunMeta) {
    this.#store = store;
    this.#meta = meta;
  }

  get meta(): RunMeta {
    return this.#meta;
  }

  /** Resolves when the change is on disk. */
  change(changes: Partial<RunMeta>): Promise<void> {
    this.#meta = { ...this.#meta, ...changes };
    const meta = this.#meta;
    this.#writing = this.#writing.then(() => this.#store.writeMeta(meta));
    return this.#writing;
  }

  /** Pins the digest of the first host that served; rows of the present ask are accepted with it. */
  async pinDigest(digest: string): Promise<void> {
    const { digest: known, fingerprint, accepted } = this.#meta;
    if (known !== null) return;
    const covered = accepted.some(
      (ask) => ask.fingerprint === fingerprint && (ask.digest === null || ask.digest === digest),
    );
    await this.change({ digest, accepted: covered ? accepted : [...accepted, { fingerprint, digest }] });
    this.#onPinned();
  }
}
