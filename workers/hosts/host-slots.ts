import type { SlotGrant } from '../../jobs/fleet.js';
import { lacksMemory, type VisionError } from '../../src/core/errors.js';
import type { Logger } from '../../src/core/telling.js';
import type { Answered, Room } from './asker.js';
import { type Hold, holdOfOwnHost } from './hold.js';
import { HostShare, type HostShareOptions } from './share.js';
import { SlotLimit } from './slot-limit.js';
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
  readonly onRoom: (room: LaneRoom) => void;
  /** It may be used again (null), or not at all for now, and why. */
  readonly onAllowed: (whyNot: string | null) => void;
  readonly logger: Logger;
}

/** What there is to do. */
export interface Demand {
  /** Whether requests are sent beyond the slots. */
  readonly sendsAhead: boolean;
  /** Whether items are made ready beyond these. */
  readonly prepares: boolean;
  /** Items that the host could take. */
  readonly items: number;
}

/** How many items a lane may have in hand for its host. */
export interface LaneRoom extends Room {
  /** Items that are made ready beyond the requests: what a host has free is filled at once, and not first read. */
  readonly prepared: number;
}

/** All slots of a small host may come free at once, and of a large one some. */
const MOST_PREPARED = 4;

/** How many requests a host gets: its slots as they were found and as trouble and other users leave them, and those sent ahead. */
export class HostSlots {
  readonly #options: HostSlotsOptions;
  readonly #watch = new SlotWatch();
  readonly #limit = new SlotLimit();
  readonly #share: HostShare | null;
  /** As they were found last; before, as they are believed to be. */
  #found: number;
  #slots: number;
  #hasFound = false;
  #isDoubted = false;
  #demand: Demand = { sendsAhead: true, prepares: false, items: 1 };
  #room: LaneRoom;

  constructor(options: HostSlotsOptions) {
    const { ahead, guess, logger, sharing, slots, using } = options;
    this.#options = options;
    this.#found = slots ?? guess;
    this.#slots = this.#found;
    this.#room = { slots: this.#slots, ahead, prepared: 0 };
    const onChange = (allowed: SlotGrant) => this.#onAllowed(allowed);
    this.#share = sharing === null ? null : new HostShare({ ...sharing, slots, using, onChange, logger });
  }

  /** Of the host, as it was found. */
  get found(): number {
    return this.#found;
  }

  get room(): LaneRoom {
    return this.#room;
  }

  /** Requests that may be open; 0 where others have all slots. */
  get most(): number {
    return this.#share === null ? this.#slots : Math.min(this.#slots, this.#share.allowed.slots);
  }

  /** Whether one more request may be opened beside those that are open. */
  mayOpen(open: number): boolean {
    return this.most > 0 && open < this.most + this.#room.ahead;
  }

  /** The run of another model that the host serves first; null where it is none. */
  get waitsFor(): string | null {
    return this.#share?.allowed.waitsFor ?? null;
  }

  /** Whether they are to be found anew, once nothing of ours is open at the host. */
  get isDoubted(): boolean {
    return this.#isDoubted;
  }

  /**
   * Waits until nobody else has a request open at the host, nor may open one before the hold ends. One at a time; null
   * where others go first.
   */
  async hold(signal: AbortSignal): Promise<Hold | null> {
    return this.#share === null ? holdOfOwnHost() : await this.#share.hold(signal);
  }

  /** Claims them from now on, where others use the host too. */
  start(): void {
    this.#share?.start();
  }

  /** Leaves them to others until it is started again. */
  rest(): void {
    this.#share?.rest();
  }

  async close(): Promise<void> {
    await this.#share?.close();
  }

  /** What a search would find no better: `open` requests of ours hide some, or it gets fewer for its trouble. Else null. */
  known(open: number): number | null {
    return this.#hasFound && (open > 0 || this.#isLimited) ? this.#found : null;
  }

  /** The host was looked at and has so many; resolves when they were claimed. */
  async become(slots: number): Promise<void> {
    this.#watch.reset();
    this.#found = slots;
    await this.#fix('it was looked at anew');
    this.#hasFound = true;
  }

  demand(demand: Demand): void {
    this.#demand = demand;
    this.#share?.want(Math.min(this.#slots, demand.items));
    this.#fit();
  }

  /**
   * A good answer. One more slot after enough of them, and doubts where they say that the host works on fewer at once; a
   * host that others use too makes ours wait, so it says nothing. What lies in the way to the host looks alike, so a
   * search decides.
   */
  observe(answered: Answered): void {
    if (this.#options.slots !== null) return;
    if (this.#limit.count(this.#found)) void this.#fix('it answered without trouble');
    if (this.#isLimited || this.#share?.allowed.shared === true) return;
    const fewer = this.#watch.observe(answered, this.#room.slots);
    if (fewer === null) return;
    this.#isDoubted = true;
    const { host, logger } = this.#options;
    logger.debug(`${host}: seems to work on ${fewer} at once, not on ${this.#slots}`);
  }

  /** A host that refuses, or runs out of memory, gets fewer for a while. */
  lower({ code, sentence }: VisionError): void {
    const hasNoMemory = lacksMemory(sentence);
    if (this.#options.slots !== null || !(hasNoMemory || code === 'HOST_BUSY')) return;
    this.#limit.lower(this.#slots, hasNoMemory ? Math.floor(this.#slots / 2) : this.#slots - 1);
    void this.#fix(hasNoMemory ? 'its memory ran out' : 'it refused one');
  }

  /** They are found anew now. */
  settle(): void {
    this.#isDoubted = false;
  }

  /** The host is away, and may come back as another. */
  forget(): void {
    this.#watch.forget();
    this.#limit.forget();
  }

  get #isLimited(): boolean {
    return this.#limit.most < this.#found;
  }

  /** Every change is told, but for the first number. */
  async #fix(why: string): Promise<void> {
    const slots = Math.min(this.#found, this.#limit.most);
    if (slots !== this.#slots) {
      const { host, logger } = this.#options;
      if (this.#hasFound) logger.info(`${host} gets ${slots} at once, not ${this.#slots}: ${why}.`);
      this.#slots = slots;
      this.#watch.reset();
      this.#fit();
    }
    await this.#share?.setSlots(slots);
  }

  #onAllowed({ slots, waitsFor }: SlotGrant): void {
    this.#fit();
    const why = waitsFor === null ? 'its slots are in use by other processes.' : `it serves ${waitsFor} first.`;
    this.#options.onAllowed(slots > 0 ? null : why);
  }

  /** Nothing is sent ahead to a host that others use too: what is open there stays within its slots. */
  #fit(): void {
    const slots = Math.max(1, this.most);
    const { prepares, sendsAhead } = this.#demand;
    const ahead = sendsAhead && this.#share?.allowed.shared !== true ? this.#options.ahead : 0;
    const prepared = prepares ? Math.min(this.most, MOST_PREPARED) : 0;
    const { room } = this;
    if (slots === room.slots && ahead === room.ahead && prepared === room.prepared) return;
    this.#room = { slots, ahead, prepared };
    this.#options.onRoom(this.#room);
  }
}
