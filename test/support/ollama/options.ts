/** How prompts reach the runner: by Ollama's own templates, or by the chat template inside the model file. */
export type ModelPath = 'rendered' | 'native';

/** How many tokens an image costs: always the same, or by area in blocks of `block` × `block` pixels within bounds. */
export type ImageTokens =
  | { readonly fixed: number }
  | { readonly block: number; readonly min: number; readonly max: number };

/** A model that a protocol server offers. */
export interface ModelSpec {
  /** Name without the tag `:latest`. */
  readonly name: string;
  /** SHA-256 in hex. Models of the same digest share one runner. */
  readonly digest: string;
  readonly path: ModelPath;
  /** As in `/api/show`: `completion`, `vision`, `thinking`, `tools`, `embedding` … */
  readonly capabilities: readonly string[];
  readonly family: string;
  readonly parameterSize: string;
  readonly sizeBytes: number;
  /** What of it lies in GPU memory. */
  readonly sizeVramBytes: number;
  /** Trained context in tokens; a larger num_ctx is clamped to it. */
  readonly contextLength: number;
  readonly imageTokens: ImageTokens;
  /** Characters of text that make one token; 1 also makes every character of an answer a token of its own. */
  readonly charactersPerToken: number;
  /** The prompt's last character steers the answer, as in the models of the recordings. */
  readonly steered: boolean;
  /** It has a renderer of its own, so that a literal `[img-0]` in a text takes an image. */
  readonly renderer: boolean;
  /** Its template puts no tokens around images, so that two of them side by side break the prompt cache. */
  readonly adjacentImagesBreak: boolean;
  /** Its runner dies of any image. */
  readonly crashesOnImage: boolean;
  /** Why its load fails, or null. */
  readonly loadError: string | null;
  /** Milliseconds a token on top of the host's own, for a slow model. */
  readonly extraTokenMs: number;
  /** Where it really runs, such as `https://ollama.com`; null where it lies on this server. */
  readonly remoteHost: string | null;
}

/** What an answer is made of. */
export interface AnswerRequest {
  /** SHA-256 in hex of each image's bytes, in order. */
  readonly images: readonly string[];
  /** All text of the request: system and user messages, in order. */
  readonly prompt: string;
  readonly model: string;
}

/** What one protocol server does. Everything but `answer` is JSON. */
export interface OllamaOptions {
  readonly models: readonly ModelSpec[];
  /** Models that it can pull; null: the registry cannot be reached. */
  readonly registry: readonly ModelSpec[] | null;
  /** How long a pull takes. */
  readonly pullMs: number;
  /** What is free on its disk for models that it pulls. */
  readonly diskFreeBytes: number;
  /** Reported version; WebP is taken from 0.32.14 on. `0.0.0` counts as the newest. */
  readonly version: string;
  /** 0: any free port. */
  readonly port: number;
  /** OLLAMA_NUM_PARALLEL. */
  readonly slots: number;
  /** OLLAMA_MAX_QUEUE: requests that may wait for a load. */
  readonly maxQueue: number;
  /** OLLAMA_MAX_LOADED_MODELS. */
  readonly maxLoadedModels: number;
  readonly loadMs: number;
  /** OLLAMA_KEEP_ALIVE: how long an idle model stays. */
  readonly keepAliveMs: number;
  /** How long a frozen runner is pinged before it is replaced. */
  readonly frozenPingMs: number;
  /** Context where a request names none. */
  readonly defaultNumCtx: number;
  /** From the slot to the first token. */
  readonly prefillMs: number;
  readonly tokenMs: number;
  /** Time of a whole answer in its slot, half of it prefill; replaces `prefillMs` and `tokenMs` unless null. */
  readonly serviceMs: number | null;
  /** Spread of the service time from image to image: sigma of a log-normal whose median is `serviceMs`; 0: none. */
  readonly serviceSigma: number;
  /** Pieces an answer is streamed in; null: one a word. */
  readonly chunks: number | null;
  /** Cuts the stream every so many bytes, inside characters too; null: one write a line. */
  readonly tearBytes: number | null;
  /** Request bodies over it are refused with 413. */
  readonly bodyCapBytes: number;
  /** Images are hashed as base64 text and neither decoded nor looked at: for benchmarks. */
  readonly fast: boolean;
  /** Requests whose text has this in it are a client's trials of the host: counted apart, struck by few faults. */
  readonly trialPrompt: string;
  /** The text of an answer; null: words derived from the images' bytes and the prompt, the same in every run. */
  readonly answer: ((request: AnswerRequest) => string) | null;
}

/** A model as a test names it: only what differs from an ordinary vision model. */
export type ModelInput = Partial<ModelSpec> & { readonly name: string };

/** Options as a test gives them. */
export type OllamaInput = Partial<Omit<OllamaOptions, 'models' | 'registry'>> & {
  readonly models?: readonly ModelInput[];
  readonly registry?: readonly ModelInput[];
};

const MINUTE_MS = 60_000;

/** Fills in what a test left open. */
export function resolveOptions(input: OllamaInput): OllamaOptions {
  return {
    version: '0.33.0',
    pullMs: 0,
    diskFreeBytes: Number.MAX_SAFE_INTEGER,
    port: 0,
    slots: 1,
    maxQueue: 512,
    maxLoadedModels: 3,
    loadMs: 0,
    keepAliveMs: 5 * MINUTE_MS,
    frozenPingMs: 20_000,
    defaultNumCtx: 4096,
    prefillMs: 0,
    tokenMs: 0,
    serviceMs: null,
    serviceSigma: 0,
    chunks: null,
    tearBytes: null,
    bodyCapBytes: 100 * 1024 * 1024,
    fast: false,
    trialPrompt: 'Count from 1 to 100',
    answer: null,
    ...input,
    models: (input.models ?? [{ name: 'tiny' }]).map(resolveModel),
    registry: input.registry?.map(resolveModel) ?? null,
  };
}

function resolveModel(input: ModelInput): ModelSpec {
  return {
    digest: digestOf(input.name),
    path: 'rendered',
    capabilities: ['completion', 'vision'],
    family: 'llama',
    parameterSize: '938K',
    sizeBytes: 19_021_167,
    sizeVramBytes: 19_021_167,
    contextLength: 131_072,
    imageTokens: { block: 28, min: 8, max: 4096 },
    charactersPerToken: 4,
    steered: false,
    renderer: false,
    adjacentImagesBreak: false,
    crashesOnImage: false,
    loadError: null,
    extraTokenMs: 0,
    remoteHost: null,
    ...input,
  };
}

/** A stable stand-in for a digest: the name in hex, repeated to 64 digits. */
function digestOf(name: string): string {
  const hex = Buffer.from(name).toString('hex');
  return hex.repeat(Math.ceil(64 / hex.length)).slice(0, 64);
}
