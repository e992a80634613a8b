/** The last characters of a stream, at least so many once that many came. */
export class TextTail {
  /** Characters of the whole stream. */
  length = 0;
  readonly #capacity: number;
  #text = '';

  constructor({ capacity }: { readonly capacity: number }) {
    this.#capacity = capacity;
  }

  push(piece: string): void {
    this.length += piece.length;
    this.#text += piece;
    if (this.#text.length > 2 * this.#capacity) this.#text = this.#text.slice(-this.#capacity);
  }

  /** What is held. */
  get text(): string {
    return this.#text;
  }

  /** Where in the stream the held text begins. */
  get startAt(): number {
    return this.length - this.#text.length;
  }

  /** What is held between two places of the stream. */
  between(startAt: number, endAt: number): string {
    return this.#text.slice(Math.max(0, startAt - this.startAt), Math.max(0, endAt - this.startAt));
  }
}
