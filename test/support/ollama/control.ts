import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { FaultRule } from './faults.js';
import type { FakeOllama } from './server.js';

/** Figures of one host. Times in milliseconds, moments since the epoch. */
export interface HostStats {
  readonly url: string;
  /** Requests of any kind. */
  readonly requests: number;
  /** Requests that asked something; preloads left out. */
  readonly asks: number;
  /** Asks whose client left before the answer was complete. */
  readonly aborted: number;
  /** Asks that were answered to their end. */
  readonly answered: number;
  /** Requests that are open now. */
  readonly open: number;
  /** Most requests open at once. */
  readonly highWater: number;
  /** Most slots busy at once. */
  readonly busyHighWater: number;
  /** Integrated busy slot-time, trials left out. */
  readonly busySlotMs: number;
  /** Names of the models that were loaded, in order. */
  readonly loads: readonly string[];
  readonly firstRequestAt: number | null;
  readonly lastAnswerAt: number | null;
}

/** What becomes of a host: silence, back again, killed (sockets reset), asked to stop, started again. */
export type PowerState = 'off' | 'on' | 'killed' | 'terminated' | 'restarted';

/** Whether a host has its models: `gone` is as after `ollama rm` of each. */
export type ModelsState = 'gone' | 'back';

/** Body of `POST /faults`: rules for one host, or for all where `host` is null. */
export interface FaultOrder {
  readonly host: number | null;
  readonly rules: readonly FaultRule[];
}

/** Body of `POST /power`. */
export interface PowerOrder {
  readonly host: number;
  readonly state: PowerState;
}

/**
 * The HTTP side of a fleet of protocol servers: `GET /stats`, `GET /requests/N`, `POST /faults`, `POST /faults/clear`,
 * `POST /power`, `POST /models/N/gone`, `POST /models/N/back`, `POST /crash/N`, `POST /reset`.
 */
export function createControl(hosts: readonly FakeOllama[]): Server {
  return createServer((request, response) => {
    void answer(hosts, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => send(response, 400, { error: String(error) }),
    );
  });
}

async function answer(hosts: readonly FakeOllama[], request: IncomingMessage): Promise<unknown> {
  const [, verb = '', argument = '', state = ''] = (request.url ?? '').split('/');
  switch (`${request.method} ${verb}`) {
    case 'GET stats':
      return hosts.map(statsOf);
    case 'GET requests':
      return hostAt(hosts, Number(argument)).requests;
    case 'POST faults':
      return argument === 'clear' ? forEach(hosts, (host) => host.faults.clear()) : fault(hosts, await json(request));
    case 'POST power':
      return power(hosts, (await json(request)) as PowerOrder);
    case 'POST models':
      return hostAt(hosts, Number(argument)).setModels(state === 'gone' ? 'gone' : 'back');
    case 'POST crash':
      return hostAt(hosts, Number(argument)).crashRunner();
    case 'POST reset':
      return forEach(hosts, (host) => host.resetStats());
    default:
      throw new Error(`Expected an order of this server, got ${request.method} ${request.url}`);
  }
}

function fault(hosts: readonly FakeOllama[], order: unknown): void {
  const { host, rules } = order as FaultOrder;
  const struck = host === null ? hosts : [hostAt(hosts, host)];
  for (const each of struck) each.faults.add(...rules);
}

async function power(hosts: readonly FakeOllama[], { host, state }: PowerOrder): Promise<void> {
  const struck = hostAt(hosts, host);
  if (state === 'off') struck.powerOff();
  if (state === 'on') struck.powerOn();
  if (state === 'killed') await struck.kill();
  if (state === 'terminated') await struck.terminate();
  if (state === 'restarted') await struck.restart();
}

function statsOf(host: FakeOllama): HostStats {
  const { url, requests, asks, highWater, busyHighWater, firstRequestAt, lastAnswerAt, loads } = host;
  const aborted = asks.filter((log) => log.aborted).length;
  const answered = asks.filter((log) => log.status === 200 && log.endedAt !== null && !log.aborted).length;
  const open = requests.filter(({ endedAt }) => endedAt === null).length;
  const counts = { requests: requests.length, asks: asks.length, aborted, answered, open };
  return {
    url,
    ...counts,
    highWater,
    busyHighWater,
    busySlotMs: host.busySlotMs(),
    loads,
    firstRequestAt,
    lastAnswerAt,
  };
}

function hostAt(hosts: readonly FakeOllama[], index: number): FakeOllama {
  const host = hosts[index];
  if (host === undefined) throw new Error(`Expected \`host\` to be below ${hosts.length}, got ${index}`);
  return host;
}

function forEach(hosts: readonly FakeOllama[], act: (host: FakeOllama) => void): void {
  for (const host of hosts) act(host);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body ?? null));
}
