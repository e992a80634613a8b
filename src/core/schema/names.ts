/** A referenced schema that waits for its turn. */
export interface NamedRef {
  readonly name: string;
  /** As written: `#/definitions/address`. */
  readonly ref: string;
  /** Where it was first met. */
  readonly path: string;
}

/** The names under `$defs` of everything that a document refers to: made once for each reference, taken once. */
export class SchemaNames {
  readonly #byRef = new Map<string, string>();
  readonly #waiting: NamedRef[] = [];

  /** Letters and digits only: a server looks a name up without decoding it. */
  nameOf(ref: string, path: string): string {
    const known = this.#byRef.get(ref);
    if (known !== undefined) return known;
    const last = ref.slice(ref.lastIndexOf('/') + 1).replaceAll(/[^A-Za-z0-9_]+/g, '_');
    const taken = new Set(this.#byRef.values());
    const base = last === '' || last === '_' ? 'root' : last;
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base}${count}`;
    this.#byRef.set(ref, name);
    this.#waiting.push({ name, ref, path });
    return name;
  }

  /** The next one without a schema, or null. */
  take(): NamedRef | null {
    return this.#waiting.shift() ?? null;
  }
}
