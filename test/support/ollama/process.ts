import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FaultOrder, HostStats, ModelsState, PowerOrder, PowerState } from './control.js';
import type { RequestLog } from './exchange.js';
import type { FaultRule } from './faults.js';
import type { FleetConfig, FleetUrls } from './main.js';

/** A fleet of protocol servers in a process of its own. */
export interface OllamaProcess extends AsyncDisposable {
  /** One base URL a host. */
  readonly urls: readonly string[];
  /** Figures of all hosts. */
  stats(): Promise<readonly HostStats[]>;
  /** Every request of one host so far. */
  requests(host: number): Promise<readonly RequestLog[]>;
  /** Adds faults to one host, or to all where `host` is null. */
  fault(host: number | null, ...rules: readonly FaultRule[]): Promise<void>;
  /** Ends all faults. */
  clearFaults(): Promise<void>;
  power(host: number, state: PowerState): Promise<void>;
  /** Takes all models off one host, or puts them back. */
  models(host: number, state: ModelsState): Promise<void>;
  /** Kills the runner of one host; its server goes on. */
  crashRunner(host: number): Promise<void>;
  /** Forgets requests, figures and faults of all hosts. */
  reset(): Promise<void>;
}

/** Starts the compiled program with that configuration. Throws where it was not built. */
export async function startOllamaProcess(config: FleetConfig): Promise<OllamaProcess> {
  const child = spawn(process.execPath, [programPath(), JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { urls, control } = await firstLine(child);
  const post = async (path: string, body: unknown = null) => void (await call(`${control}${path}`, body));
  return {
    urls,
    stats: () => call<readonly HostStats[]>(`${control}/stats`),
    requests: (host) => call<readonly RequestLog[]>(`${control}/requests/${host}`),
    fault: (host, ...rules) => post('/faults', { host, rules } satisfies FaultOrder),
    clearFaults: () => post('/faults/clear'),
    power: (host, state) => post('/power', { host, state } satisfies PowerOrder),
    models: (host, state) => post(`/models/${host}/${state}`),
    crashRunner: (host) => post(`/crash/${host}`),
    reset: () => post('/reset'),
    async [Symbol.asyncDispose]() {
      child.stdin?.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Beside this file where that is compiled too, else in the build's folder. */
function programPath(): string {
  const places = ['./main.js', '../../../dist/test/support/ollama/main.js'];
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path));
  if (found === undefined) throw new Error('Expected dist/test/support/ollama/main.js: run `npm run build` first');
  return found;
}

async function firstLine(child: ChildProcess): Promise<FleetUrls> {
  if (child.stdout === null) throw new Error('Expected the program to have a standard output');
  const lines = createInterface({ input: child.stdout });
  const early = once(child, 'exit').then(() => {
    throw new Error('The protocol servers ended before they were ready');
  });
  const [line] = (await Promise.race([once(lines, 'line'), early])) as [string];
  return JSON.parse(line) as FleetUrls;
}

/** Asks the control API; with a body it is a POST. */
async function call<T>(url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(`${url}: ${JSON.stringify(answer)}`);
  return answer;
}
