import type { BytePath } from '../byte-path.js';
import { isHidden } from '../patterns.js';

/**
 * Which walk enters which folder. A walk starts at folders that it claims; every real folder belongs to the nearest
 * claimed folder above it, and only that folder's walk enters it. So an input inside another input adds nothing, a link
 * into a folder that is walked anyway is not followed, and loops of links end, while nothing is remembered but the
 * starting points. Folders below a hidden one belong to nobody, because no walk reaches them by their own path.
 */
export class Territory {
  readonly #claimed = new Set<BytePath>();
  readonly #parent: Territory | null;
  readonly #deep: boolean;

  /**
   * @param parent - asked first: what it owns is closed to this one
   * @param deep - whether walks go below the folders they start at
   */
  constructor(parent: Territory | null, deep: boolean) {
    this.#parent = parent;
    this.#deep = deep;
  }

  /** Makes a folder a starting point; false where it belongs to another one already. */
  claim(real: BytePath): boolean {
    if (this.ownerOf(real) !== null) return false;
    this.#claimed.add(real);
    return true;
  }

  /** The starting point that a real folder belongs to; null where it belongs to none. */
  ownerOf(real: BytePath): BytePath | null {
    return this.#parent?.ownerOf(real) ?? (this.#deep ? this.#nearest(real) : this.#exact(real));
  }

  #exact(real: BytePath): BytePath | null {
    return this.#claimed.has(real) ? real : null;
  }

  #nearest(real: BytePath): BytePath | null {
    for (let folder = real; ; ) {
      if (this.#claimed.has(folder)) return folder;
      const slash = folder.lastIndexOf('/');
      if (folder === '/' || slash < 0 || isHidden(folder.slice(slash + 1))) return null;
      folder = slash === 0 ? '/' : folder.slice(0, slash);
    }
  }
}
