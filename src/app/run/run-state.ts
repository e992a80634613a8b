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

  /** Pins the digest of the first host that served; rows of the present ask are accepted with those that serve. */
  async pinDigest({ pinned, served }: { readonly pinned: string; readonly served: string }): Promise<void> {
    const accepted = this.#acceptedWith(served);
    const isNew = this.#meta.digest === null;
    if (!isNew && accepted === this.#meta.accepted) return;
    await this.change({ digest: this.#meta.digest ?? pinned, accepted });
    if (isNew) this.#onPinned();
  }

  #acceptedWith(digest: string): RunMeta['accepted'] {
    const { accepted, fingerprint } = this.#meta;
    const isCovered = accepted.some(
      (ask) => ask.fingerprint === fingerprint && (ask.digest === null || ask.digest === digest),
    );
    return isCovered ? accepted : [...accepted, { fingerprint, digest }];
  }
}
