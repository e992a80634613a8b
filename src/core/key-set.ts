import type { Buffer } from 'node:buffer';

const FIRST_CAPACITY = 1 << 12;
const FULLEST = 0.7;

/**
 * Which items a discovery has met, by the first 8 bytes of their key hashes: 11 to 23 bytes an item, and 34 as it
 * doubles. Two keys of a million share them once in 37 million discoveries.
 */
export class KeySet {
  #places = new BigUint64Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(hash: Buffer): boolean {
    const mark = markOf(hash);
    return this.#places[placeOf(this.#places, mark)] === mark;
  }

  /** @returns whether it was not there before */
  add(hash: Buffer): boolean {
    const mark = markOf(hash);
    const place = placeOf(this.#places, mark);
    if (this.#places[place] === mark) return false;
    this.#places[place] = mark;
    this.#size += 1;
    if (this.#size > this.#places.length * FULLEST) this.#grow();
    return true;
  }

  #grow(): void {
    const larger = new BigUint64Array(this.#places.length * 2);
    for (const mark of this.#places) if (mark !== 0n) larger[placeOf(larger, mark)] = mark;
    this.#places = larger;
  }
}

/** Zero is an empty place. */
function markOf(hash: Buffer): bigint {
  return hash.readBigUInt64BE(0) || 1n;
}

/** Where a mark is, or the empty place where it belongs: linear probing from its own low bits. */
function placeOf(places: BigUint64Array, mark: bigint): number {
  const mask = places.length - 1;
  let place = Number(mark & 0xffff_ffffn) & mask;
  while (places[place] !== 0n && places[place] !== mark) place = (place + 1) & mask;
  return place;
}
