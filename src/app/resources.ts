/** Releases what was built, last in first out, all of it; the first error is kept and thrown at the end. */
export class Resources {
  readonly #releases: (() => Promise<void> | void)[] = [];

  /** Whoever builds something hands its release in here, at once. */
  defer(release: () => Promise<void> | void): void {
    this.#releases.push(release);
  }

  async release(): Promise<void> {
    const errors: unknown[] = [];
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** Runs with resources that are released whatever happens. An error of `use` is the one that is thrown. */
export async function withResources<T>(use: (resources: Resources) => Promise<T>): Promise<T> {
  const resources = new Resources();
  let result: T;
  try {
    result = await use(resources);
  } catch (error) {
    await resources.release().catch(() => {}); // what failed first says why
    throw error;
  }
  await resources.release();
  return result;
}
