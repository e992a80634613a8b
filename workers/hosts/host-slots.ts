import { lacksMemory, type VisionError } from '../../src/core/errors.js';
import type { Logger } from '../../src/core/telling.js';
import type { Answered, Room } from './asker.js';
import { type Allowed, HostShare, type HostShareOptions } from './share.js';
import { SlotWatch } from './slot-watch.js';

export interface HostSlotsOptions {
  readonly host: string;
  /** As the user gave them; null where they are found. */
  readonly slots: number | null;
  /** What is believed until they are. */
  readonly guess: number;
  /** Requests sent beyond the slots. */
  readonly ahead: number;
  readonly sharing: Pick<HostShareOptions, 'fleet' | 'claimant'> | null;
  /** Requests of ours that are open at the host. */
  readonly using: () => number;
  /** It may be used with another room than before. */
  readonly onRoom: (room: Room) => void;
  /** It may be used again (null), or not at all for now, and why. */
  readonly onAllowed: (whyNot: string | null) => void;
  readonly logger: Logger;
}

/** How many requests a host gets: its slots as they were found, as far as others leave them, and those sent ahead. */
export class HostSlots {
  readonly #options: HostSlotsOptions;
  readonly #watch = new SlotWatch();
  readonly #share: HostShare | null;
  #slots: number;
  #isAhead = true;
  #room: Room;

  constructor(options: HostSlotsOptions) {
    const { ahead, guess, logger, sharing, slots, using } = options;
    this.#options = options;
    this.#slots = slots ?? guess;
    this.#room = { slots: this.#slots, ahead };
    const onChange = (allowed: Allowed) => this.#onAllowed(allowed);
    this.#share = sharing === null ? null : new HostShare({ ...sharing, slots, using, onChange, logger });
  }

  /** Of the host, as it was found. */
  get found(): number {
    return this.#slots;
  }

  get room(): Room {
    return this.#room;
  }

  /** Requests that may be open; 0 where others have all slots. */
  get most(): number {
    return this.#share === null ? this.#slots : Math.min(this.#slots, this.#share.allowed.slots);
  }

  /** The run of another model that the host serves first; null where it is none. */
  get waitsFor(): string | null {
    return this.#share?.allowed.waitsFor ?? null;
  }

  start(): void {
    this.#share?.start();
  }

  async close(): Promise<void> {
    await this.#share?.close();
  }

  /** The host was looked at and has so many; resolves when they were claimed. */
  async become(slots: number): Promise<void> {
    this.#watch.reset();
    await this.#set(slots);
  }

  /** Whether requests are sent beyond the slots, and how many items there are that it could take. */
  demand({ isAhead, items }: { readonly isAhead: boolean; readonly items: number }): void {
    this.#isAhead = isAhead;
    this.#share?.want(Math.min(this.#slots, items));
    this.#fit();
  }

  /** Holds the number to what the host's answers say. A host that others use too makes ours wait, so it says nothing. */
  observe(answered: Answered): void {
    if (this.#options.slots !== null || this.#share?.allowed.shared === true) return;
    const fewer = this.#watch.observe(answered, this.#room.slots);
    if (fewer === null) return;
    this.#options.logger.info(`${this.#options.host}: works on ${fewer} at once, not on ${this.#slots}`);
    void this.#set(fewer);
  }

  /** A host that refuses, or runs out of memory, gets fewer from now on: how many; null where that was not its trouble. */
  lower({ code, sentence }: VisionError): number | null {
    const hasNoMemory = lacksMemory(sentence);
    if (this.#options.slots !== null || !(hasNoMemory || code === 'HOST_BUSY')) return null;
    const fewer = Math.max(1, hasNoMemory ? Math.floor(this.#slots / 2) : this.#slots - 1);
    void this.#set(fewer);
    return fewer;
  }

  async #set(slots: number): Promise<void> {
    this.#slots = slots;
    this.#fit();
    await this.#share?.setSlots(slots);
  }

  #onAllowed({ slots, waitsFor }: Allowed): void {
    this.#fit();
    const why = waitsFor === null ? 'its slots are in use by other processes.' : `it serves ${waitsFor} first.`;
    this.#options.onAllowed(slots > 0 ? null : why);
  }

  /** Nothing is sent ahead to a host that others use too: what is open there stays within its slots. */
  #fit(): void {
    const slots = Math.max(1, this.most);
    const ahead = this.#isAhead && this.#share?.allowed.shared !== true ? this.#options.ahead : 0;
    if (slots === this.#room.slots && ahead === this.#room.ahead) return;
    this.#room = { slots, ahead };
    this.#options.onRoom(this.#room);
  }
}
