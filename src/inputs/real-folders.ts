export interface RealFoldersOptions<P> {
  /** Where a folder lies without links. */
  readonly find: (folder: string) => Promise<P>;
  /** Folders that are remembered at most. */
  readonly most: number;
  /**
   * How long, in milliseconds, what was found holds.
   *
   * @defaultValue for good
   */
  readonly holdsMs?: number;
}

interface Known<P> {
  readonly found: Promise<P>;
  readonly askedAt: number;
}

/** Where folders lie without links: many files lie in few folders, and each is followed once for all of them. */
export class RealFolders<P> {
  readonly #options: RealFoldersOptions<P>;
  readonly #known = new Map<string, Known<P>>();

  constructor(options: RealFoldersOptions<P>) {
    this.#options = options;
  }

  /** Throws what `find` throws. */
  of(folder: string): Promise<P> {
    const { find, holdsMs = Number.POSITIVE_INFINITY, most } = this.#options;
    const now = performance.now();
    const known = this.#known.get(folder);
    if (known !== undefined && now - known.askedAt < holdsMs) return known.found;
    if (this.#known.size >= most) this.#known.clear();
    const asked = { found: find(folder), askedAt: now };
    this.#known.set(folder, asked);
    return asked.found;
  }
}
