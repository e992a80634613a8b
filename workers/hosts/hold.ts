import { Latch } from './latch.js';

/** A request's right to be the only one that is open at a host: waited for, given, and held until it ends. */
export class Hold {
  readonly #decided = new Latch();
  readonly #onEnd: () => void;
  #isGiven = false;
  #isBroken = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Resolves when it is given, or will not be. */
  get decided(): Promise<void> {
    return this.#decided.opened;
  }

  get isGiven(): boolean {
    return this.#isGiven;
  }

  /** Whether others may have had a request open since it was given. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Told again and again whether nobody else has a request open at the host, nor may open one. */
  note(isAlone: boolean): void {
    if (!isAlone) this.#isBroken ||= this.#isGiven;
    else {
      this.#isGiven = true;
      this.#decided.open();
    }
  }

  /** It is not waited for any longer. */
  refuse(): void {
    this.#decided.open();
  }

  /** Others may use the host again. */
  end(): void {
    this.#onEnd();
  }
}

/** A hold of a host that no other process uses. */
export function holdOfOwnHost(): Hold {
  const hold = new Hold(() => {});
  hold.note(true);
  return hold;
}
