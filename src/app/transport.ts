import type { Settings } from '../../config/schema.js';
import type { Fleet } from '../../jobs/fleet.js';
import { createMemoryFleet } from '../../jobs/memory-fleet.js';
import { createMemoryQueue } from '../../jobs/memory-queue.js';
import type { Queue } from '../../jobs/queue.js';
import type { Logger } from '../core/telling.js';
import type { Resources } from './resources.js';

/** How a run's work reaches its lanes. */
export interface Transport {
  readonly queue: Queue;
  readonly fleet: Fleet;
  /** Whether lanes of other processes may join. */
  readonly shared: boolean;
}

/** Opens the queue and the fleet of a run: in memory, or on the Redis that was named. */
export async function openTransport(
  settings: Pick<Settings, 'redis' | 'redisCa' | 'redisPrefix'>,
  run: { readonly runId: string; readonly logger: Logger },
  resources: Resources,
): Promise<Transport> {
  const { redis: url, redisCa, redisPrefix: prefix } = settings;
  const ca = redisCa?.text ?? null;
  const transport = url === null ? inMemory() : await onRedis({ url, ca, prefix, ...run }, resources);
  resources.defer(() => transport.queue.close());
  resources.defer(() => transport.fleet.close());
  return transport;
}

function inMemory(): Transport {
  return { queue: createMemoryQueue(), fleet: createMemoryFleet(), shared: false };
}

interface OnRedis {
  readonly url: string;
  /** Certificates that its server may be signed by beside the usual ones. */
  readonly ca: string | null;
  readonly prefix: string;
  readonly runId: string;
  readonly logger: Logger;
}

async function onRedis({ ca, logger, prefix, runId, url }: OnRedis, resources: Resources): Promise<Transport> {
  const { createBullmqConnection, createBullmqFleet, createBullmqQueue } = await import('./on-redis.js');
  const connection = await createBullmqConnection({ url, ca, prefix, logger });
  resources.defer(() => connection.close());
  return {
    queue: createBullmqQueue({ connection, runId, prefix }),
    fleet: createBullmqFleet({ connection, prefix }),
    shared: true,
  };
}
