import type { ModelRequest } from '../../core/ask.js';
import { TASK_NAMES } from '../../core/ask.js';
import { isSilence, toVisionError, VisionError } from '../../core/errors.js';
import type { Logger } from '../../core/telling.js';
import type {
  Delta,
  Engine,
  HostFacts,
  HostModels,
  ModelDescription,
  PreloadOptions,
  PullOptions,
  Trial,
  TrialOptions,
} from '../engine.js';
import { withTimeLimit } from '../time-limit.js';
import { describeModel } from './describe.js';
import { isDamagedCache } from './errors.js';
import { Formats } from './formats.js';
import { listModels, listVisionModels } from './list.js';
import { type Loading, loadTimeout, loadWarnings, withAdvice } from './loaded.js';
import { digestOf, inspectModel } from './preflight.js';
import { type PullLine, pullModel } from './pull.js';
import { readerOf, type ServerReader } from './replies.js';
import { type Call, Transport, type TransportOptions } from './transport.js';
import { askTrial, trialTimeout } from './trial.js';
import { chatRequest, readAnswer } from './wire.js';

/** One server, how it is reached, and where failures are told. */
export interface OllamaEngineOptions extends TransportOptions {
  readonly logger: Logger;
  /**
   * How long looking at what the host has may take.
   *
   * @defaultValue 15 s
   */
  readonly lookMs?: number;
  /**
   * Whether a model may run elsewhere than on the host, so that images leave it.
   *
   * @defaultValue false
   */
  readonly allowRemote?: boolean;
}

/** How long the host keeps the model after the last request. Only the preload says so, never a request. */
const KEEP_ALIVE = '30m';

const PROBE_MS = 5_000;
const PULL_SILENCE_MS = 300_000;
/** A host reads a list of its models in far less, however busy it is. */
const LOOK_MS = 15_000;

/** An Ollama server as a host. It speaks with one server and holds its sockets until `close`. */
export function createOllamaEngine(options: OllamaEngineOptions): Engine {
  return new OllamaEngine(options);
}

class OllamaEngine implements Engine {
  readonly name = 'ollama';
  readonly tasks = new Set(TASK_NAMES);
  readonly generates = true;
  readonly #transport: Transport;
  readonly #logger: Logger;
  readonly #lookMs: number;
  readonly #allowRemote: boolean;
  /** Models that think before they answer unless told not to, as preflight found them. */
  readonly #thinking = new Set<string>();
  readonly #formats = new Formats();

  constructor(options: OllamaEngineOptions) {
    this.#transport = new Transport(options);
    this.#logger = options.logger;
    this.#lookMs = options.lookMs ?? LOOK_MS;
    this.#allowRemote = options.allowRemote ?? false;
  }

  get host(): string {
    return this.#transport.host;
  }

  visionModels(signal: AbortSignal): Promise<readonly string[]> {
    return this.#look(signal, (call) => listVisionModels(this.#reader(call)));
  }

  models(signal: AbortSignal): Promise<HostModels> {
    return this.#look(signal, (call) => listModels(this.#reader(call)));
  }

  async describeModel(model: string | null, signal: AbortSignal): Promise<ModelDescription> {
    const name = named(model);
    return await this.#look(signal, (call) => describeModel(this.#reader(call), name));
  }

  async preflight(model: string | null, signal: AbortSignal): Promise<HostFacts> {
    const name = named(model);
    return await this.#look(signal, (call) => this.#inspect(call, name));
  }

  async preload({ model, numCtx, loadTimeoutMs, signal, advice = () => null }: PreloadOptions): Promise<HostFacts> {
    const name = named(model);
    const reason = () => loadTimeout(this.host, name, loadTimeoutMs);
    try {
      return await withTimeLimit({ signal, limitMs: loadTimeoutMs, reason }, (limited) =>
        this.#call(limited, (call) => this.#load(call, { model: name, numCtx, advice })),
      );
    } catch (thrown) {
      throw withAdvice(thrown, { numCtx, advice });
    }
  }

  async trial({ model, numCtx, schema = null, limitMs, signal }: TrialOptions): Promise<Trial> {
    const name = named(model);
    const asking = { host: this.host, model: name, numCtx, thinks: this.#thinking.has(name) };
    const format = schema === null ? null : this.#formats.of(schema);
    const reason = () => trialTimeout(asking, limitMs);
    return await withTimeLimit({ signal, limitMs, reason }, (limited) =>
      this.#call(limited, ({ client }) => askTrial({ ...asking, format, chat: (request) => client.chat(request) })),
    );
  }

  async digest(model: string | null, signal: AbortSignal): Promise<string> {
    const name = named(model);
    return await this.#look(signal, (call) => digestOf(this.#reader(call), name));
  }

  pull(model: string, { once = false, signal, onProgress }: PullOptions): Promise<void> {
    const pull = (onLine: (line: PullLine) => void) => this.#pullOnce(model, { signal, onLine });
    const pauses = once ? { pausesMs: [] } : {};
    return pullModel({ host: this.host, model, signal, onProgress, pull, ...pauses });
  }

  async unload(model: string | null, signal: AbortSignal): Promise<void> {
    const name = named(model);
    await this.#look(signal, ({ client }) => client.chat({ model: name, messages: [], stream: false, keep_alive: 0 }));
  }

  async *ask(request: ModelRequest, signal: AbortSignal): AsyncGenerator<Delta> {
    const call = this.#transport.open(signal);
    let whole = false;
    try {
      const thinks = this.#thinking.has(named(request.model));
      const chunks = await call.client.chat(chatRequest(request, { thinks, formatOf: this.#formats.of }));
      for await (const delta of readAnswer({ host: this.host, chunks, signal })) {
        whole ||= 'answer' in delta;
        yield delta;
      }
    } catch (thrown) {
      const told = this.#told(thrown, signal);
      // The only cure. Nobody is told if it fails: the question has failed already.
      if (isDamagedCache(told)) await this.unload(request.model, signal).catch(() => {});
      throw told;
    } finally {
      if (whole) call.finish();
      else call.abort();
    }
  }

  async probe(signal: AbortSignal): Promise<boolean> {
    const reason = () => new VisionError('HOST_TIMEOUT', `${this.host} is silent.`);
    try {
      await withTimeLimit({ signal, limitMs: PROBE_MS, reason }, (limited) =>
        this.#call(limited, (call) => call.client.version()),
      );
      return true;
    } catch (thrown) {
      // A refusal is an answer too.
      return !signal.aborted && thrown instanceof VisionError && !isSilence(thrown.code);
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** A call that ends in time, though the host took the connection and says nothing. */
  #look<T>(signal: AbortSignal, use: (call: Call) => Promise<T>): Promise<T> {
    const limitMs = this.#lookMs;
    const reason = () => new VisionError('HOST_TIMEOUT', `${this.host} did not answer within ${limitMs / 1_000} s.`);
    return withTimeLimit({ signal, limitMs, reason }, (limited) => this.#call(limited, use));
  }

  /** A host tells of a pull many times a second, but for the time in which it checks a large file. */
  #pullOnce(model: string, { signal, onLine }: PullOnce): Promise<void> {
    const reason = () => new VisionError('HOST_TIMEOUT', `${this.host} fell silent while it pulled ${model}.`);
    return withTimeLimit({ signal, limitMs: PULL_SILENCE_MS, reason }, async (limited, startAnew) => {
      const call = this.#transport.open(limited);
      try {
        for await (const line of await call.client.pull({ model, stream: true })) {
          startAnew();
          onLine(line);
        }
        call.finish();
      } catch (thrown) {
        call.abort();
        throw limited.aborted ? limited.reason : thrown;
      }
    });
  }

  async #inspect(call: Call, model: string): Promise<HostFacts> {
    const facts = await inspectModel(this.#reader(call), model, this.#allowRemote);
    if (facts.model.thinks) this.#thinking.add(model);
    return facts;
  }

  async #load(call: Call, loading: Loading): Promise<HostFacts> {
    const { model, numCtx } = loading;
    const facts = await this.#inspect(call, model);
    const options = { num_ctx: numCtx };
    await call.client.chat({ model, messages: [], stream: false, keep_alive: KEEP_ALIVE, options });
    if (facts.remote !== null) return facts; // nothing of it is here
    const doubts = await loadWarnings(this.#reader(call), loading);
    return { ...facts, warnings: [...facts.warnings, ...doubts] };
  }

  #reader({ client }: Call): ServerReader {
    return readerOf(this.host, client);
  }

  async #call<T>(signal: AbortSignal, use: (call: Call) => Promise<T>): Promise<T> {
    const call = this.#transport.open(signal);
    try {
      const result = await use(call);
      call.finish();
      return result;
    } catch (thrown) {
      call.abort();
      throw this.#told(thrown, signal);
    }
  }

  /** What is thrown to the caller: the reason of its own abort, else a failure with a code. */
  #told(thrown: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    const error = toVisionError(thrown);
    this.#logger.debug('request failed', { host: this.host, code: error.code, reason: error.sentence });
    return error;
  }
}

interface PullOnce {
  readonly signal: AbortSignal;
  readonly onLine: (line: PullLine) => void;
}

function named(model: string | null): string {
  if (model !== null) return model;
  throw new VisionError('MODEL_MISSING', 'No model was named.', { fix: 'Give one with --model.' });
}
