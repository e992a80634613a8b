import { EventEmitter, once } from 'node:events';
import { accidentOf } from './accident.js';
import { Fifo } from './fifo.js';
import { type JobSource, MemoryLane } from './memory-lane.js';
import type { Delivered, Delivery, HandBackTimes, Lane, LaneHandler, Queue, QueueCounts } from './queue.js';
import { DELIVERY_SIZE, HAND_BACK_DEFAULTS } from './queue.js';
import { carrying, type Step } from './serve-job.js';
import { jobId, type VisionJob } from './vision-job.js';

export interface MemoryQueueOptions {
  /** @defaultValue {@link HAND_BACK_DEFAULTS} */
  readonly handBack?: HandBackTimes;
}

/** A run's queue inside one process. What it holds is lost with the process: the run's store knows what is missing. */
export function createMemoryQueue(options: MemoryQueueOptions = {}): Queue {
  return new MemoryQueue(options.handBack ?? HAND_BACK_DEFAULTS);
}

type State = keyof QueueCounts;

interface Entry {
  readonly id: string;
  payload: VisionJob;
  state: State;
  sinceMs: number;
  timer: NodeJS.Timeout | undefined;
  delivered: Delivered | undefined;
}

class MemoryQueue implements Queue, JobSource<Entry> {
  readonly #handBack: HandBackTimes;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new Fifo<Entry>();
  readonly #ended = new Set<Entry>();
  readonly #lanes = new Set<MemoryLane<Entry>>();
  readonly #counts = { waiting: 0, active: 0, delayed: 0, completed: 0, failed: 0 };
  readonly #news = new EventEmitter();
  readonly #closing = new AbortController();

  constructor(handBack: HandBackTimes) {
    this.#handBack = handBack;
  }

  async add(jobs: readonly VisionJob[], options: { readonly replace?: boolean } = {}): Promise<void> {
    for (const payload of jobs) {
      const id = jobId(payload);
      const known = this.#entries.get(id);
      if (known !== undefined && !(options.replace && known.state !== 'active')) continue;
      if (known !== undefined) this.#remove(known);
      const entry: Entry = {
        id,
        payload,
        state: 'waiting',
        sinceMs: performance.now(),
        timer: undefined,
        delivered: undefined,
      };
      this.#entries.set(id, entry);
      this.#counts.waiting += 1;
      this.#waiting.push(entry);
    }
    this.#wake();
  }

  serve(handler: LaneHandler): Lane {
    const lane = new MemoryLane({ source: this, handler, handBack: this.#handBack });
    this.#lanes.add(lane);
    this.#wake();
    return lane;
  }

  async *records(signal: AbortSignal): AsyncGenerator<Delivery> {
    const ends = AbortSignal.any([signal, this.#closing.signal]);
    while (!ends.aborted) {
      const page = firstOf(this.#ended, DELIVERY_SIZE);
      if (page.length > 0) yield this.#delivery(page);
      else await once(this.#news, 'ended', { signal: ends }).catch(() => undefined);
    }
  }

  async counts(): Promise<QueueCounts> {
    return { ...this.#counts };
  }

  async withdraw(): Promise<void> {
    for (const entry of this.#entries.values()) {
      if (entry.state === 'waiting' || entry.state === 'delayed') this.#remove(entry);
    }
  }

  async purge(): Promise<void> {
    this.#waiting.clear();
    for (const entry of this.#entries.values()) this.#remove(entry);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const entry of this.#entries.values()) clearTimeout(entry.timer);
  }

  take(): Entry | undefined {
    const entry = this.#waiting.shift();
    if (entry !== undefined) this.#turn(entry, 'active');
    return entry;
  }

  settle(entry: Entry, step: Step): void {
    if (this.#entries.get(entry.id) !== entry) return;
    if (step.do === 'finish') this.#end(entry, 'completed', step.finished);
    else if (step.do === 'fail') this.#end(entry, 'failed', accidentOf(entry.payload, 'UNEXPECTED', step.message));
    else this.#giveBack(entry, step);
  }

  leave(lane: MemoryLane<Entry>): void {
    this.#lanes.delete(lane);
  }

  #end(entry: Entry, state: 'completed' | 'failed', delivered: Delivered | null): void {
    if (delivered === null) {
      this.#remove(entry);
      return;
    }
    this.#turn(entry, state);
    entry.delivered = delivered;
    this.#ended.add(entry);
    this.#news.emit('ended');
  }

  #giveBack(entry: Entry, step: Extract<Step, { do: 'front' | 'later' }>): void {
    entry.payload = carrying(entry.payload, step.carry);
    entry.sinceMs = performance.now();
    if (step.do === 'front') {
      this.#turn(entry, 'waiting');
      this.#waiting.unshift(entry);
      this.#wake();
      return;
    }
    this.#turn(entry, 'delayed');
    entry.timer = setTimeout(() => {
      this.#turn(entry, 'waiting');
      this.#waiting.push(entry);
      this.#wake();
    }, step.delayMs);
  }

  #delivery(page: readonly Entry[]): Delivery {
    const batch = page.flatMap((entry) => entry.delivered ?? []);
    const ack = async () => {
      for (const entry of page) if (this.#ended.has(entry)) this.#remove(entry);
    };
    return { batch, ack };
  }

  #turn(entry: Entry, state: State): void {
    this.#counts[entry.state] -= 1;
    this.#counts[state] += 1;
    entry.state = state;
  }

  #remove(entry: Entry): void {
    clearTimeout(entry.timer);
    if (entry.state === 'waiting') this.#waiting.delete(entry);
    this.#counts[entry.state] -= 1;
    this.#ended.delete(entry);
    this.#entries.delete(entry.id);
  }

  /**
   * Deals what waits to the lanes, one each in turn, so that few jobs spread over all hosts. Who got one goes last: a job
   * that one lane hands back again and again comes to the others.
   */
  #wake(): void {
    for (const lane of this.#lanes) {
      if (!lane.pull()) continue;
      this.#lanes.delete(lane);
      this.#lanes.add(lane);
    }
  }
}

function firstOf<T>(values: Iterable<T>, most: number): T[] {
  const first: T[] = [];
  for (const value of values) if (first.push(value) === most) break;
  return first;
}
