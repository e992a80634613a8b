const NEWLINE = 0x0a;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/**
 * Watches a stream of JSON lines go by and throws where a line does not begin and end as an object does. Ollama-js
 * drops a line that it cannot parse and goes on, so that a damaged stream would end as a complete answer with a hole in
 * it. Only the ends of a line are looked at: parsing every line twice costs a tenth of all our time for an image.
 */
export class JsonLines {
  #inLine = false;
  #lastByte = 0;

  /** Throws SyntaxError. */
  take(chunk: Uint8Array): void {
    for (let start = 0; start < chunk.length; ) {
      if (!this.#inLine && chunk[start] !== OPENING) throw damaged();
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline < 0 ? chunk.length : newline;
      if (end > start) this.#lastByte = chunk[end - 1] ?? 0;
      this.#inLine = newline < 0;
      if (!this.#inLine && this.#lastByte !== CLOSING) throw damaged();
      start = end + 1;
    }
  }

  /** Throws SyntaxError where the stream ends inside a line. */
  end(): void {
    if (this.#inLine && this.#lastByte !== CLOSING) throw damaged();
  }
}

function damaged(): SyntaxError {
  return new SyntaxError('a line is no JSON object');
}
