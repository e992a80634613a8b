import { type Fleet, REWRITE_MS, type WorkerState } from '../../jobs/fleet.js';
import { messageOf } from '../core/errors.js';
import type { Logger } from '../core/telling.js';
import type { Identity } from './identity.js';

export interface WorkerHeartbeatOptions {
  readonly fleet: Pick<Fleet, 'writeWorker' | 'removeWorker'>;
  readonly identity: Identity;
  /** Fires when the process is to stop. */
  readonly stopping: AbortSignal;
  readonly logger: Logger;
}

/** What a worker does at present. */
export interface WorkerDoing {
  readonly hosts: readonly string[];
  readonly isServing: boolean;
}

/** Tells the fleet, again and again, that this worker lives, and what it does. */
export class WorkerHeartbeat {
  readonly #options: WorkerHeartbeatOptions;
  #doing: WorkerDoing = { hosts: [], isServing: false };
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WorkerHeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#write(), REWRITE_MS);
    this.#write();
  }

  note(doing: WorkerDoing): void {
    const hasChanged = doing.isServing !== this.#doing.isServing || doing.hosts.join() !== this.#doing.hosts.join();
    this.#doing = doing;
    if (hasChanged) this.#write();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#options.fleet.removeWorker(this.#options.identity.name);
  }

  get #state(): WorkerState {
    if (this.#options.stopping.aborted) return 'draining';
    return this.#doing.isServing ? 'serving' : 'idle';
  }

  #write(): void {
    const { fleet, identity, logger } = this.#options;
    const { hosts } = this.#doing;
    fleet
      .writeWorker({ ...identity, hosts, state: this.#state, atMs: Date.now() })
      .catch((error: unknown) => logger.debug(`The fleet was not told: ${messageOf(error)}`));
  }
}
