import type { EngineName, ModelAnswer, ModelRequest, TaskName } from '../core/ask.js';

/** A piece of an answer as it arrives, and last of all the answer as a whole. */
export type Delta = { readonly text: string } | { readonly answer: ModelAnswer };

/** What a host said of itself before its first job. */
export interface HostFacts {
  /** Server version as it reports it. */
  readonly version: string;
  /** Digest of the run's model; null where the engine has no models. */
  readonly digest: string | null;
  /** Doubts worth a line, such as a model that is only partly in GPU memory. */
  readonly warnings: readonly string[];
}

export interface PreloadOptions {
  readonly model: string | null;
  /** Context length in tokens that every request of the run will use. */
  readonly numCtx: number;
  readonly loadTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * One host that answers questions about images. Nothing here or outside the engine's own folder assumes Ollama.
 * Every method throws VisionErrors only; their code says whose fault it was and what happens next.
 */
export interface Engine {
  readonly name: EngineName;
  /** What the host is called in rows and logs: its URL without credentials, or `cpu`. */
  readonly host: string;
  /** Tasks that it can serve. */
  readonly tasks: ReadonlySet<TaskName>;
  /** Names of the models that can see images, as the host lists them. Throws HOST_*. */
  visionModels(signal: AbortSignal): Promise<readonly string[]>;
  /** Reachable, model present, can see images. Throws HOST_*, MODEL_*. */
  preflight(model: string | null, signal: AbortSignal): Promise<HostFacts>;
  /** Loads the model, so that load time never counts against an item. Throws HOST_*, MODEL_LOAD_FAILED. */
  preload(options: PreloadOptions): Promise<HostFacts>;
  /** Asks once. Ends after the delta that holds the answer; aborting closes the connection. */
  ask(request: ModelRequest, signal: AbortSignal): AsyncIterable<Delta>;
  /** Whether the host still answers anything at all. Never throws. */
  probe(signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}
