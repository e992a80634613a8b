import { CPU, hasUserinfo } from '../../config/hosts/address.js';
import { HOST, type HostSpec } from '../../config/hosts/host.js';
import type { Settings } from '../../config/schema.js';
import type { Fleet, HostOrder, HostOrderEnd } from '../../jobs/fleet.js';
import { EXIT, type ExitCode, ExitError } from '../core/exit.js';
import { firstFew } from '../core/first-few.js';
import { SILENT } from '../core/telling.js';
import { fleetHost, isEverywhere, partsOf } from './fleet-host.js';
import { fleetTable, fleetView } from './fleet-view.js';
import { machineOf } from './identity.js';
import type { Io } from './io.js';
import { withResources } from './resources.js';

/** An order as it stands on the command line. */
export interface OrderWords {
  readonly order: (HostOrder | HostOrderEnd)['order'];
  /** As `--host` takes it. */
  readonly host: string;
}

/** Lists the hosts of a Redis: what they do, and what was ordered of them. */
export function listHosts(settings: Settings, io: Io): Promise<ExitCode> {
  return withFleet(settings, async (fleet) => {
    const view = await fleetView(fleet);
    io.stdout.write(settings.json ? `${JSON.stringify(view)}\n` : `${fleetTable(view).join('\n')}\n`);
    return EXIT.ok;
  });
}

/** Tells all workers of a Redis what to do with a host. */
export function orderHost(words: OrderWords, settings: Settings, io: Io): Promise<ExitCode> {
  const order = hostOrder(words, machineOf(settings));
  return withFleet(settings, async (fleet) => {
    io.stderr.write(`${order.url}: ${await carryOut(order, fleet)}\n`);
    return EXIT.ok;
  });
}

/** Gives an order; tells what it means now. */
export async function carryOut(order: HostOrder | HostOrderEnd, fleet: Fleet): Promise<string> {
  const { hosts } = await fleetView(fleet);
  await fleet.orderHost(order);
  const drained = hosts.filter((host) => host.drained).map(({ url }) => url);
  const added = hosts.filter((host) => host.added !== null).map(({ url }) => url);
  const served = hosts.filter(({ state }) => state !== 'unserved').map(({ url }) => url);
  switch (order.order) {
    case 'drain':
      if (served.includes(order.url)) return 'takes no further items; what is in hand is finished.';
      return `nobody serves it now, whoever will takes no items for it. ${listed('Served', served)}`;
    case 'resume':
      return drained.includes(order.url) ? 'takes items again.' : `was not drained. ${listed('Drained', drained)}`;
    case 'add':
      return 'is served by every worker that sees this.';
    case 'remove':
      if (added.some((url) => url === order.url || partsOf(url).address === order.url))
        return 'is served only by workers that name it themselves.';
      return `was not added. ${listed('Added', added)}`;
  }
}

const MOST_LISTED = 8;

/** Hosts, as a mistyped one is found by. */
function listed(what: string, urls: readonly string[]): string {
  return urls.length === 0 ? `${what} is no host.` : `${what}: ${firstFew(urls.slice(0, MOST_LISTED), urls.length)}.`;
}

/**
 * The order that the words mean. What is added may stand for a host on every machine, such as http://127.0.0.1:11434;
 * what is drained is one host: that of this machine unless another one is named behind it.
 *
 * @param here - this machine's name
 * @throws ExitError 2 where they name no host, or more than may lie in Redis
 */
export function hostOrder({ order, host }: OrderWords, here: string): HostOrder | HostOrderEnd {
  const [target = '', ...options] = host.split(',');
  if (isSecretive(target, options)) {
    throw new ExitError(
      EXIT.usage,
      `Expected ${order} to name a host without credentials: what is ordered lies in Redis.`,
      {
        fix: 'Order the bare URL; where a host wants a key or headers, name them where the worker is started.',
      },
    );
  }
  const { address, machine } =
    order === 'drain' || order === 'resume' ? partsOf(host) : { address: host, machine: null };
  const read = HOST.type.safeParse(address);
  if (!read.success) throw new ExitError(EXIT.usage, read.error.issues.map(({ message }) => message).join('\n'));
  const { url } = read.data;
  if (order === 'add' && url === CPU) {
    throw new ExitError(EXIT.usage, 'Expected add to name an Ollama host, got cpu: start a worker with --host cpu.');
  }
  if (order === 'add') return { url, order, description: [url, ...options].join(',') };
  if (options.length > 0) throw new ExitError(EXIT.usage, `Expected ${order} to name a URL alone, got ${host}.`);
  if (order === 'remove') return { url, order };
  if (machine === null) return { url: fleetHost(url, here), order };
  if (isEverywhere(url)) return { url: fleetHost(url, machine), order };
  throw new ExitError(EXIT.usage, `Expected ${order} to name ${url} alone: it is one host, whatever machine asks it.`);
}

/** A host as an order to add it describes it; null where that is none, or one that no order may describe. */
export function addedHost(description: string): HostSpec | null {
  const [target = '', ...options] = description.split(',');
  if (isSecretive(target, options)) return null;
  const host = HOST.type.safeParse(description).data ?? null;
  return host?.url === CPU ? null : host;
}

function isSecretive(target: string, options: readonly string[]): boolean {
  return hasUserinfo(target) || options.some((option) => /^(key|header|ca)=/.test(option));
}

/** How long a person waits for Redis. */
const ANSWER_MS = 5_000;

function withFleet(settings: Settings, use: (fleet: Fleet) => Promise<ExitCode>): Promise<ExitCode> {
  return withResources(async (resources) => {
    const { redis: url, redisCa, redisPrefix: prefix } = settings;
    if (url === null) {
      throw new ExitError(EXIT.usage, 'Hosts are known to the Redis that the workers are on: --redis URL.');
    }
    const { createBullmqConnection, createBullmqFleet } = await import('./on-redis.js');
    const connection = await createBullmqConnection({
      url,
      ca: redisCa?.text ?? null,
      prefix,
      logger: SILENT, // what is wrong ends the command, and is told then
      times: { patienceMs: ANSWER_MS },
    });
    resources.defer(() => connection.close());
    return await use(createBullmqFleet({ connection, prefix }));
  });
}
