import { createHash } from 'node:crypto';
import { KeySet } from '../../core/key-set.js';
import type { BytePath } from '../byte-path.js';

/** How often each name came: a tar file may hold a file twice, and a ZIP file may do so too. */
export class NameCounts {
  readonly #met = new KeySet();
  /** Of names that came more than once. */
  readonly #counts = new Map<BytePath, number>();

  /** @returns which one of its name it is, from 1 */
  add(name: BytePath): number {
    if (this.#met.add(createHash('sha256').update(name).digest())) return 1;
    const count = (this.#counts.get(name) ?? 1) + 1;
    this.#counts.set(name, count);
    return count;
  }
}
