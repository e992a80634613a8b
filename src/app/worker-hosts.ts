import { setTimeout as sleep } from 'node:timers/promises';
import type { HostsRead } from '../../config/hosts/hosts-file.js';
import type { HostSpec } from '../../config/schema.js';
import type { HostOrder } from '../../jobs/fleet.js';
import { messageOf } from '../core/errors.js';
import { withoutUserinfo } from '../core/redact.js';
import type { Logger } from '../core/telling.js';
import { unlessAborted } from '../core/unless-aborted.js';

/** Serves one host until it is to leave, or the process is. */
export interface ServingHost {
  /** Whether it is at work on a run. */
  readonly isServing: boolean;
  run(): Promise<void>;
}

export interface WorkerHostsOptions {
  readonly hosts: readonly HostSpec[];
  /** The hosts as they are named now: those of the start, and the hosts file read again. */
  readonly read: () => Promise<HostsRead>;
  /** When the hosts file was written last, in milliseconds since 1970; null without one. */
  readonly writtenMs: () => Promise<number | null>;
  /** What people have ordered for hosts. */
  readonly orders: () => Promise<readonly HostOrder[]>;
  /** A host that was added by order; null where its description is none. */
  readonly described: (description: string) => HostSpec | null;
  readonly serve: (host: HostSpec, leaving: AbortSignal) => ServingHost;
  /** Told of every look: whether a host is at work. */
  readonly onLook: (isServing: boolean) => void;
  /** Fires when the process is to stop. */
  readonly stopping: AbortSignal;
  readonly logger: Logger;
}

interface Served {
  readonly host: ServingHost;
  readonly running: Promise<void>;
  readonly leaving: AbortController;
}

/** How often it is looked whether hosts were added or taken away. */
const LOOK_MS = 2_000;

/** The hosts of a worker: those of its start, those of its hosts file as it is now, and those that people add. */
export class WorkerHosts {
  readonly #options: WorkerHostsOptions;
  readonly #served = new Map<string, Served>();
  #named: readonly HostSpec[];
  #readMs: number | null = null;
  #wake = new AbortController();

  constructor(options: WorkerHostsOptions) {
    this.#options = options;
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
      await unlessAborted(stopping, this.#look()); // a Redis that is away may not answer
      onLook([...this.#served.values()].some(({ host }) => host.isServing));
      this.#wake = new AbortController();
      await sleep(LOOK_MS, undefined, { signal: AbortSignal.any([stopping, this.#wake.signal]) }).catch(() => {}); // woken
    }
    await Promise.all([...this.#served.values()].map(({ running }) => running));
  }

  async #look(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#readAgain();
      const wanted = new Map(
        [...(await this.#added()), ...this.#named].map((host) => [withoutUserinfo(host.url), host]),
      );
      for (const [url, host] of wanted) if (!this.#served.has(url)) this.#start(url, host);
      for (const [url, served] of this.#served) if (!wanted.has(url)) this.#end(url, served);
    } catch (error) {
      logger.debug(`Hosts could not be looked up: ${messageOf(error)}`);
    }
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

  async #added(): Promise<readonly HostSpec[]> {
    const { described, orders } = this.#options;
    return (await orders()).flatMap((order) => (order.order === 'add' ? (described(order.description) ?? []) : []));
  }

  #start(url: string, spec: HostSpec): void {
    const { logger, serve } = this.#options;
    const leaving = new AbortController();
    const host = serve(spec, leaving.signal);
    const running = host.run().catch((error: unknown) => {
      logger.error(`${url} is not served any more: ${messageOf(error)}`);
    });
    this.#served.set(url, { host, running, leaving });
    logger.info(`${url} is served`);
  }

  #end(url: string, { leaving, running }: Served): void {
    leaving.abort();
    void running.then(() => this.#served.delete(url)); // until then it is not begun with again
  }
}
