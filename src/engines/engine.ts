import type { EngineName, ModelAnswer, ModelRequest, TaskName } from '../core/ask.js';
import type { JsonSchema } from '../core/json-schema.js';

/** A piece of an answer as it arrives, and last of all the answer as a whole. A thought is a piece without text. */
export type Delta = { readonly text: string } | { readonly answer: ModelAnswer };

/** What a host says of a model itself. A profile is chosen by it. */
export interface ModelDescription {
  /** As the model's file names it, such as `qwen25vl`; null where the host does not say. */
  readonly architecture: string | null;
  /** Families that the host counts it to, such as `llama` and `clip`. */
  readonly families: readonly string[];
  /** For people, such as `8.3B`; null where the host does not say. */
  readonly parameterSize: string | null;
  /** Context that it was trained for, in tokens: the host allocates no more. Null where the host does not say. */
  readonly contextLength: number | null;
  /** Whether it thinks before it answers unless told not to. */
  readonly thinks: boolean;
  /** Whether it sees images; null where the host does not say. */
  readonly sees: boolean | null;
  /** Whether the host fills in the prompt by a template of its own, which knows a mark for an image's place. */
  readonly hasTemplate: boolean;
}

/** What a host said of itself before its first job. */
export interface HostFacts {
  /** Server version as it reports it. */
  readonly version: string;
  /** Digest of the run's model; null where the engine has no models. */
  readonly digest: string | null;
  /** The run's model; null where the engine has no models. */
  readonly model: ModelDescription | null;
  /** Whether it works on one request at a time with this model, whatever it is told. */
  readonly singleParallel: boolean;
  /** Where images of a request go, as the model runs elsewhere; null where it runs on the host itself. */
  readonly remote: string | null;
  /** Doubts worth a line, such as a model that is only partly in GPU memory. */
  readonly warnings: readonly string[];
}

/** A model that a host has. */
export interface HostModel extends Pick<HostFacts, 'singleParallel' | 'remote'> {
  readonly name: string;
  readonly digest: string;
  /** Bytes on the host's disk. */
  readonly sizeBytes: number;
  readonly model: ModelDescription;
  /** How it is in memory; null where it is not. */
  readonly loaded: LoadedModel | null;
}

export interface LoadedModel {
  /** Share of it that is in GPU memory, 0…1; null where the host does not say. */
  readonly gpuShare: number | null;
  /** Context that it was given, in tokens; null where the host does not say. */
  readonly contextLength: number | null;
}

/** What a host has. */
export interface HostModels {
  readonly version: string;
  /** Those that can see images, and those of which the host does not say whether they can. */
  readonly models: readonly HostModel[];
}

/** A few words that a host generated, without an image. Times in milliseconds, the host's own where it gives them. */
export interface Trial {
  /** In the host's queue for a slot; loading the model is none of it. */
  readonly waitMs: number;
  /** Reading the prompt and generating: the end of the whole. */
  readonly workMs: number;
  /** From its arrival to its end. */
  readonly totalMs: number;
  /** When it was sent and when its answer was here, by `performance.now()` of this process. */
  readonly sentAtMs: number;
  readonly endedAtMs: number;
}

/** How far a host has come with a model that it pulls. */
export interface PullProgress {
  /** In the host's words. */
  readonly status: string;
  /** Why it is tried again, after a pause; null while it goes on. */
  readonly trouble: string | null;
  /** Bytes of all parts of the model that it has begun with; 0 where it has begun with none. */
  readonly totalBytes: number;
  readonly doneBytes: number;
}

export interface TrialOptions {
  readonly model: string | null;
  /** Context length in tokens that every request of the run will use. */
  readonly numCtx: number;
  /**
   * What the answer is held to, to see that the host takes it.
   *
   * @defaultValue nothing
   */
  readonly schema?: JsonSchema | null;
  /** How long it may take, its wait in the host's queue included; then HOST_TIMEOUT. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export interface PullOptions {
  /** Aborting ends the pull on the host too; it goes on from there when it is asked again. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PullProgress) => void;
  /**
   * Whether it fails where it is cut, instead of trying again for a while.
   *
   * @defaultValue false
   */
  readonly once?: boolean;
}

export interface PreloadOptions {
  readonly model: string | null;
  /** Context length in tokens that every request of the run will use. */
  readonly numCtx: number;
  readonly loadTimeoutMs: number;
  readonly signal: AbortSignal;
  /**
   * What would fit into a context of so many tokens, in words for people; null where all of the run does.
   *
   * @defaultValue nothing is advised
   */
  readonly advice?: (contextTokens: number) => string | null;
}

/**
 * One host that answers questions about images. Nothing here or outside the engine's own folder assumes Ollama.
 * Every method throws VisionErrors only; their code says whose fault it was and what happens next.
 */
export interface Engine {
  readonly name: EngineName;
  /** What the host is called in rows and logs: its URL without credentials, or `cpu`; told from its like on other machines. */
  readonly host: string;
  /** Tasks that it can serve. */
  readonly tasks: ReadonlySet<TaskName>;
  /** Whether answers are made up token by token, so that one can loop, end early or say what is not there. */
  readonly generates: boolean;
  /** Names of the models that can see images, as the host lists them. Throws HOST_*. */
  visionModels(signal: AbortSignal): Promise<readonly string[]>;
  /** The models that can see images, with what the host says of them. Throws HOST_*. */
  models(signal: AbortSignal): Promise<HostModels>;
  /** What the host says of a model; null where the engine has no models. Throws HOST_*, MODEL_MISSING. */
  describeModel(model: string | null, signal: AbortSignal): Promise<ModelDescription | null>;
  /** Reachable, model present, can see images. Throws HOST_*, MODEL_*. */
  preflight(model: string | null, signal: AbortSignal): Promise<HostFacts>;
  /** Loads the model, so that load time never counts against an item. Throws HOST_*, MODEL_LOAD_FAILED. */
  preload(options: PreloadOptions): Promise<HostFacts>;
  /**
   * Asks for a few words, with the run's model and context, to see that the host really generates. Throws as `ask`.
   * Null where the engine does not generate.
   */
  trial(options: TrialOptions): Promise<Trial | null>;
  /** The digest that the name stands for on the host now; null where the engine has no models. Throws HOST_*, MODEL_MISSING. */
  digest(model: string | null, signal: AbortSignal): Promise<string | null>;
  /** Brings a model onto the host. Throws HOST_*, MODEL_MISSING, also where the way to its source is cut. */
  pull(model: string, options: PullOptions): Promise<void>;
  /** Takes a model out of the host's memory as soon as no request uses it. Throws HOST_*, MODEL_MISSING. */
  unload(model: string | null, signal: AbortSignal): Promise<void>;
  /** Asks once. Ends after the delta that holds the answer; aborting closes the connection. */
  ask(request: ModelRequest, signal: AbortSignal): AsyncIterable<Delta>;
  /** Whether the host still answers anything at all. Never throws. */
  probe(signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}
