import type { BullmqRegistry } from './bullmq-registry.js';
import { byUrl, type Fleet } from './fleet.js';
import { hostOrderOf } from './fleet-entries.js';

/** The word that an order is kept under, and that its opposite takes back. */
const KEPT_AS = { drain: 'drain', resume: 'drain', add: 'add', remove: 'add' } as const;

/** What people ordered of hosts, until it is taken back. */
export function bullmqHostOrders(registry: BullmqRegistry): Pick<Fleet, 'hostOrders' | 'orderHost'> {
  const key = registry.key('hosts');
  return {
    async hostOrders() {
      const texts = await registry.do((redis) => redis.hvals(key));
      const orders = texts.map(hostOrderOf);
      if (orders.includes(null)) registry.tellStrange(`What stands in ${key}`);
      return orders.flatMap((order) => order ?? []).toSorted(byUrl);
    },

    async orderHost(order) {
      const field = `${KEPT_AS[order.order]} ${order.url}`;
      const ends = order.order === 'resume' || order.order === 'remove';
      await registry.do<unknown>((redis) =>
        ends ? redis.hdel(key, field) : redis.hset(key, field, JSON.stringify(order)),
      );
    },
  };
}
