/**
 * A text that was read elsewhere, known by where: a key of a variable, a certificate of a file. Whatever prints it, as a
 * string, as JSON or as an object, prints where it is from and never the text.
 */
export class SourcedText {
  /** Such as `env:GPU_KEY` or `file:/run/secrets/gpu`; may be shown. */
  readonly from: string;
  readonly #text: string | null;

  /** @param text - null where it is named only, and not yet read */
  constructor(from: string, text: string | null = null) {
    this.from = from;
    this.#text = text;
  }

  /** The text itself. Throws where it has not been read. */
  get text(): string {
    if (this.#text === null) throw new Error(`Expected ${this.from} to have been read`);
    return this.#text;
  }

  /** Whether another says the same, wherever it is from. */
  isSame(other: SourcedText): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return this.from;
  }

  toJSON(): string {
    return this.from;
  }
}
