/** Queue and fleet on Redis: loading their packages takes as long as the rest of a start, so only who uses Redis does. */
export { createBullmqConnection } from '../../jobs/bullmq-connection.js';
export { createBullmqFleet } from '../../jobs/bullmq-fleet.js';
export { createBullmqQueue } from '../../jobs/bullmq-queue.js';
