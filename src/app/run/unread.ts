/** Counts images that cannot be read now, so that nobody can tell whether they are what their rows say. */
export class Unread {
  #images = 0;

  readonly add = (): void => {
    this.#images += 1;
  };

  /** What a person is to know at the end; null where all were read. */
  get sentence(): string | null {
    if (this.#images === 0) return null;
    const images = this.#images === 1 ? '1 image' : `${this.#images} images`;
    return `${images} could not be read to see whether they have changed. Their rows stand; the same command looks again.`;
  }
}
