/**
 * The first few of many as a sentence names them: `a, b and 3 more`.
 *
 * @param total - how many there are, these included
 */
export function firstFew(names: readonly string[], total: number): string {
  const further = total - names.length;
  return `${names.join(', ')}${further > 0 ? ` and ${further.toLocaleString('en-US')} more` : ''}`;
}

/** Counts names that are met one by one, and holds the first few of them. */
export class FirstFew {
  readonly #most: number;
  readonly #names: string[] = [];
  #total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(name: string): void {
    this.#total += 1;
    if (this.#names.length < this.#most) this.#names.push(name);
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  get total(): number {
    return this.#total;
  }

  /** As {@link firstFew} says it. */
  get sentence(): string {
    return firstFew(this.#names, this.#total);
  }
}
