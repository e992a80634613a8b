import { setTimeout as sleep } from 'node:timers/promises';
import { isSameHost } from '../../config/hosts/host.js';
import type { HostsRead } from '../../config/hosts/hosts-file.js';
import type { HostSpec } from '../../config/schema.js';
import type { HostOrder } from '../../jobs/fleet.js';
import { messageOf } from '../core/errors.js';
import { withoutUserinfo } from '../core/redact.js';
import type { Logger } from '../core/telling.js';
import { unlessAborted } from '../core/unless-aborted.js';
import { type AgainTimes, WorkerHost, type WorkerHostOptions } from './worker-host.js';

export interface WorkerHostsOptions extends Pick<WorkerHostOptions, 'serve' | 'stopping'> {
  readonly hosts: readonly HostSpec[];
  /** The hosts as they are named now: those of the start, and the hosts file read again. */
  readonly read: () => Promise<HostsRead>;
  /** When the hosts file was written last, in milliseconds since 1970; null without one. */
  readonly writtenMs: () => Promise<number | null>;
  /** What people have ordered for hosts. */
  readonly orders: () => Promise<readonly HostOrder[]>;
  /** A host that was added by order; null where its description is none. */
  readonly described: (description: string) => HostSpec | null;
  /** Told of every look: whether a host is at work. */
  readonly onLook: (isServing: boolean) => void;
  readonly logger: Logger;
  /** Overrides of {@link WORKER_HOSTS_TIMES}. */
  readonly times?: Partial<WorkerHostsTimes>;
}

/** Waits, in milliseconds. */
export interface WorkerHostsTimes {
  /** How often it is looked whether hosts were added, changed or taken away. */
  readonly lookMs: number;
  /** Of a host that could not be served. @defaultValue those of {@link WorkerHost} */
  readonly again?: AgainTimes;
}

export const WORKER_HOSTS_TIMES: WorkerHostsTimes = { lookMs: 2_000 };

/** The hosts of a worker: those of its start, those of its hosts file as it is now, and those that people add. */
export class WorkerHosts {
  readonly #options: WorkerHostsOptions;
  readonly #times: WorkerHostsTimes;
  readonly #served = new Map<string, WorkerHost>();
  /** Descriptions of added hosts that were complained of. */
  readonly #strange = new Set<string>();
  #named: readonly HostSpec[];
  #added: readonly HostSpec[] = [];
  #readMs: number | null = null;
  #wake = new AbortController();

  constructor(options: WorkerHostsOptions) {
    this.#options = options;
    this.#times = { ...WORKER_HOSTS_TIMES, ...options.times };
    this.#named = options.hosts;
  }

  /** Addresses of the hosts that are served, without credentials. */
  get urls(): readonly string[] {
    return [...this.#served.keys()];
  }

  /** Reads the hosts file now, though it seems not to have changed. */
  reread(): void {
    this.#readMs = null;
    this.#wake.abort();
  }

  /** Serves until the process is to stop, and every host has come to its end. */
  async run(): Promise<void> {
    const { onLook, stopping, writtenMs } = this.#options;
    this.#readMs = await writtenMs();
    while (!stopping.aborted) {
      this.#wake = new AbortController(); // before the look: what changes meanwhile is looked at next
      await unlessAborted(stopping, this.#look()); // a Redis that is away may not answer
      onLook([...this.#served.values()].some(({ isServing }) => isServing));
      const signal = AbortSignal.any([stopping, this.#wake.signal]);
      await sleep(this.#times.lookMs, undefined, { signal }).catch(() => {}); // woken
    }
    await Promise.all([...this.#served.values()].map(({ ended }) => ended));
  }

  async #look(): Promise<void> {
    try {
      await this.#readAgain();
      await this.#readOrders();
    } catch (error) {
      this.#options.logger.debug(`Hosts could not be looked up: ${messageOf(error)}`); // those that are known are served
    }
    const wanted = new Map([...this.#added, ...this.#named].map((host) => [withoutUserinfo(host.url), host]));
    for (const [url, spec] of wanted) this.#keep(url, spec);
    for (const [url, served] of this.#served) if (!wanted.has(url)) served.leave();
  }

  /** A file that cannot be read changes nothing: an editor may be at it. */
  async #readAgain(): Promise<void> {
    const { logger, read, writtenMs } = this.#options;
    const atMs = await writtenMs();
    if (atMs === this.#readMs) return;
    this.#readMs = atMs;
    const found = await read();
    if ('hosts' in found) this.#named = found.hosts;
    else logger.warn(`The hosts stay as they are. ${found.problems.join('\n')}`);
  }

  async #readOrders(): Promise<void> {
    const { described, logger, orders } = this.#options;
    const added = (await orders()).filter((order) => order.order === 'add');
    this.#added = added.flatMap(({ description, url }) => {
      const host = described(description);
      if (host !== null) return host;
      if (!this.#strange.has(description)) {
        logger.warn(
          `The order to add ${withoutUserinfo(url)} describes no host that could be ordered: it is left out.`,
        );
      }
      this.#strange.add(description);
      return [];
    });
  }

  /** Serves a host as it is described now: where that has changed it ends what it does, and begins anew. */
  #keep(url: string, spec: HostSpec): void {
    const { logger } = this.#options;
    const served = this.#served.get(url);
    if (served === undefined) this.#start(url, spec);
    else if (!served.isLeaving && !isSameHost(served.spec, spec)) {
      logger.info(`${url} has changed: it finishes what it has in hand, and begins anew`);
      served.leave();
    }
  }

  #start(url: string, spec: HostSpec): void {
    const { logger, serve, stopping } = this.#options;
    const { again } = this.#times;
    const host = new WorkerHost({ spec, serve, stopping, logger, ...(again === undefined ? {} : { times: again }) });
    this.#served.set(url, host);
    logger.info(`${url} is served`);
    void host.ended.then(() => {
      this.#served.delete(url); // until then it is not begun with again
      this.#wake.abort();
    });
  }
}
