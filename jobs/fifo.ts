const COMPACT_AT = 1_024;

/** A queue of values with constant time for push and shift, whatever was shifted before. */
export class Fifo<T extends object> {
  /** `null` where a value was taken out. */
  #values: (T | null)[] = [];
  #head = 0;

  push(value: T): void {
    this.#values.push(value);
  }

  /** Puts a value before all others; linear in time only where nothing was shifted since the last compaction. */
  unshift(value: T): void {
    if (this.#head === 0) {
      this.#values.unshift(value);
      return;
    }
    this.#head -= 1;
    this.#values[this.#head] = value;
  }

  shift(): T | undefined {
    while (this.#head < this.#values.length) {
      const value = this.#values[this.#head];
      this.#values[this.#head] = null;
      this.#head += 1;
      this.#compact();
      if (value) return value;
    }
    return undefined;
  }

  /** Takes a value out of the middle, in linear time. */
  delete(value: T): void {
    const at = this.#values.indexOf(value, this.#head);
    if (at >= 0) this.#values[at] = null;
  }

  clear(): void {
    this.#values = [];
    this.#head = 0;
  }

  /** Lets go of the room before the head once it is most of the array, so that memory stays flat. */
  #compact(): void {
    if (this.#head < COMPACT_AT || this.#head * 2 < this.#values.length) return;
    this.#values = this.#values.slice(this.#head);
    this.#head = 0;
  }
}
