import type { Readable } from 'node:stream';
import { JsonLines } from './json-lines.js';

/**
 * A response body as ollama-js reads one, by `getReader`'s `read` or by `json`. It takes what comes as it comes, so
 * that a socket is free for the next request once the server has ended the body, read to the end or not; an answer is
 * bounded by its number of tokens.
 */
export class JsonBody {
  readonly #body: Readable;
  readonly #failure: (thrown: unknown) => unknown;
  readonly #lines = new JsonLines();
  readonly #chunks: Uint8Array[] = [];
  #end: 'open' | 'ended' | { readonly thrown: unknown } = 'open';
  #wake = () => {};

  /** @param failure - what to throw for what the body broke with */
  constructor(body: Readable, failure: (thrown: unknown) => unknown) {
    this.#body = body;
    this.#failure = failure;
    body.on('data', (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    body.on('end', () => this.#close('ended'));
    body.on('error', (thrown) => this.#close({ thrown }));
  }

  get ended(): boolean {
    return this.#end !== 'open';
  }

  /** Calls once when no more of the body will come. */
  onEnd(call: () => void): void {
    this.#body.once('close', call);
  }

  /** The next chunk. Throws where a line of it is no JSON object: ollama-js leaves such a line out without a sign. */
  async read(): Promise<{ done: boolean; value: Uint8Array | undefined }> {
    try {
      const value = await this.#next();
      if (value === undefined) this.#lines.end();
      else this.#lines.take(value);
      return { done: value === undefined, value };
    } catch (thrown) {
      throw this.#failure(thrown);
    }
  }

  async json(): Promise<unknown> {
    try {
      const all: Uint8Array[] = [];
      for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) all.push(chunk);
      return JSON.parse(Buffer.concat(all).toString('utf8'));
    } catch (thrown) {
      throw this.#failure(thrown);
    }
  }

  /** Nothing to release: a body has one reader. */
  releaseLock(): void {}

  /** Undefined at the end. What arrived before a break is still read. */
  async #next(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0 && this.#end === 'open') {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#chunks.length === 0 && typeof this.#end === 'object') throw this.#end.thrown;
    return this.#chunks.shift();
  }

  #close(end: 'ended' | { readonly thrown: unknown }): void {
    this.#end = end;
    this.#wake();
  }
}
