import { Catalogue } from './catalogue.js';
import type { ModelsState } from './control.js';
import { Exchange, type RequestLog, Silence } from './exchange.js';
import { Faults } from './faults.js';
import { Listener } from './listener.js';
import { Meter } from './meter.js';
import { type OllamaInput, type OllamaOptions, resolveOptions } from './options.js';
import { route } from './routes.js';
import { Scheduler } from './scheduler.js';

/** A server that speaks Ollama's protocol, for tests. It listens on loopback. */
export class FakeOllama implements AsyncDisposable {
  /** What goes wrong, switchable at any time. */
  readonly faults = new Faults(() => performance.now());
  readonly #options: OllamaOptions;
  readonly #meter = new Meter(() => performance.now());
  readonly #scheduler: Scheduler;
  readonly #catalogue: Catalogue;
  readonly #listener: Listener;
  readonly #open = new Set<Exchange>();
  #requests: RequestLog[] = [];
  #highWater = 0;

  constructor(options: OllamaOptions) {
    this.#options = options;
    this.#scheduler = new Scheduler({ ...options, meter: this.#meter });
    this.#catalogue = new Catalogue(options.models);
    const { faults } = this;
    const parts = {
      options,
      faults,
      meter: this.#meter,
      scheduler: this.#scheduler,
      catalogue: this.#catalogue,
    };
    this.#listener = new Listener((request, response) => {
      const exchange = new Exchange(request, response, options.tearBytes);
      this.#follow(exchange);
      void route(parts, exchange).finally(() => this.#open.delete(exchange));
    });
  }

  /** Base URL, the same after a restart. */
  get url(): string {
    return this.#listener.url;
  }

  /** Every request so far, in order of arrival. */
  get requests(): readonly RequestLog[] {
    return this.#requests;
  }

  /** The requests that asked something: chat and generate, preloads and trials left out. */
  get asks(): readonly RequestLog[] {
    return this.#requests.filter((log) => isAsk(log) && !log.isTrial);
  }

  /** A client's trials of the host. */
  get trials(): readonly RequestLog[] {
    return this.#requests.filter((log) => isAsk(log) && log.isTrial);
  }

  /** Most requests that were open at once, running and waiting. */
  get highWater(): number {
    return this.#highWater;
  }

  /** Most slots that were busy at once. */
  get busyHighWater(): number {
    return this.#meter.highest;
  }

  /** Names of the models that were loaded so far, in order. */
  get loads(): readonly string[] {
    return this.#scheduler.loads;
  }

  /** Busy slot-time so far in milliseconds, trials left out; two slots busy for a second are 2,000. */
  busySlotMs(): number {
    return this.#meter.busySlotMs();
  }

  /** When the first ask arrived, in milliseconds since the epoch; null without one. */
  get firstRequestAt(): number | null {
    return this.asks[0]?.at ?? null;
  }

  /** When the last answered ask ended, in milliseconds since the epoch; null without one. */
  get lastAnswerAt(): number | null {
    const answered = this.asks.filter((log) => log.status !== null && !log.aborted);
    return answered.reduce<number | null>((last, { endedAt }) => laterOf(last, endedAt), null);
  }

  /** Forgets requests, figures and faults; models stay loaded. */
  resetStats(): void {
    this.#requests = [];
    this.#highWater = this.#open.size;
    this.#meter.reset();
    this.faults.clear();
  }

  /** Kills the process of every loaded model, as SIGKILL or an assertion would. The next request loads again. */
  crashRunner(why = 'unexpected EOF'): void {
    for (const runner of this.#scheduler.runners) runner.die(why);
  }

  /** Stops the process of every loaded model; the next request finds out by pinging and replaces it. */
  freezeRunner(): void {
    for (const runner of this.#scheduler.runners) runner.frozen = true;
  }

  /** All models are removed from the disk, or are there again; what is loaded stays loaded. */
  setModels(state: ModelsState): void {
    this.#catalogue.isEmptied = state === 'gone';
  }

  /** The machine loses power: sockets stay open, and there is silence. */
  powerOff(): void {
    this.#listener.powerOff();
    this.#forget('the power is off');
  }

  /** The machine is back, with nothing loaded; connections of before are reset. */
  powerOn(): void {
    this.#listener.powerOn();
  }

  /** The process is killed: connections are reset and the port is closed. */
  async kill(): Promise<void> {
    this.#forget('the server was killed');
    await this.#listener.close('reset');
  }

  /** The process is asked to stop: streams end without a last line, other requests without a header. */
  async terminate(): Promise<void> {
    this.#forget('the server was terminated');
    await this.#listener.close('close');
  }

  /** Listens on the same port again, with nothing loaded. */
  async restart(): Promise<void> {
    await this.#listener.open(null);
  }

  /** Opens the port for the first time. */
  async start(): Promise<void> {
    await this.#listener.open(this.#options.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #follow(exchange: Exchange): void {
    this.#requests.push(exchange.log);
    this.#open.add(exchange);
    this.#highWater = Math.max(this.#highWater, this.#open.size);
  }

  #forget(why: string): void {
    for (const exchange of this.#open) exchange.controller.abort(new Silence(why));
    this.#scheduler.reset();
  }
}

/** Starts a protocol server. Dispose of it, or it keeps the process alive. */
export async function startOllama(input: OllamaInput = {}): Promise<FakeOllama> {
  const server = new FakeOllama(resolveOptions(input));
  await server.start();
  return server;
}

function isAsk({ path, body }: RequestLog): boolean {
  if (path !== '/api/chat' && path !== '/api/generate') return false;
  const { messages, prompt } = (body ?? {}) as { readonly messages?: unknown; readonly prompt?: unknown };
  return path === '/api/chat' ? !Array.isArray(messages) || messages.length > 0 : prompt !== '';
}

function laterOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
