/**
 * Watches a stream of JSON lines go by. Ollama-js drops a line that it cannot parse and goes on, so that a damaged
 * stream would end as a complete answer with a hole in it; this throws instead. Characters may be cut by chunks.
 */
export class JsonLines {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';

  /** Throws SyntaxError where a line of the chunk is no JSON object. */
  take(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) assertObject(line);
  }

  /** Throws SyntaxError where the stream ends inside a line. */
  end(): void {
    if (this.#rest !== '') assertObject(this.#rest);
  }
}

function assertObject(line: string): void {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new SyntaxError('Expected a JSON object in each line');
}
