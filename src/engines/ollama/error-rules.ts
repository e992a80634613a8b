import type { FailureCode } from '../../core/errors.js';

/** One way a server refuses: what identifies it, and what it means in our words. */
export interface ErrorRule {
  /** HTTP statuses it is seen with; any where left out, and an error inside a stream has none. */
  readonly statuses?: readonly number[];
  /** What the server's own words contain; anything where left out. */
  readonly says?: RegExp;
  readonly code: FailureCode;
  /** `{host}` stands for the server's address. */
  readonly sentence: string;
  readonly fix?: string;
  /** A crash that was not the doing of the item that met it. */
  readonly blameless?: boolean;
}

const OTHER_SERVER = 'Check that the URL is that of an Ollama server, path prefix included.';

/**
 * What a server of Ollama says, newest words first, and the old engine's where they differ. A status alone decides
 * little: 500 may be a wrong option, an image that cannot be read or a crash, so words come before bare statuses.
 * The first rule that fits wins. The words are those of Ollama 0.24 to 0.33 and of the llama-server inside.
 */
export const ERROR_RULES: readonly ErrorRule[] = [
  {
    says: /exceeds the available context size|prompt is longer than the context length/,
    code: 'CONTEXT_EXCEEDED',
    sentence: 'Image and prompt need more tokens than the context holds.',
    fix: 'Raise --num-ctx or lower --max-pixels.',
  },
  {
    says: /Failed to load image|decode WebP image|image: unknown format|audio input is not supported/,
    code: 'IMAGE_UNREADABLE',
    sentence: 'The server cannot decode the image.',
    fix: 'Let --pixels auto convert it, or check the file.',
  },
  {
    says: /does not support multimodal|image input is not supported|does not support (chat|generate)/,
    code: 'MODEL_NOT_VISION',
    sentence: 'The model on {host} cannot see images.',
    fix: 'Choose one that `visionbatch models` lists.',
  },
  {
    says: /model is required|invalid model name|model ['"].*['"] not found|requires MLX support/,
    code: 'MODEL_MISSING',
    sentence: '{host} does not have the model.',
    fix: 'Run `ollama pull MODEL` there.',
  },
  {
    says: /Chunk not found/,
    code: 'HOST_CRASHED',
    sentence: 'The prompt cache of {host} is damaged (Chunk not found), and the model was told to leave its memory.',
    fix: 'If it stays so: `ollama stop MODEL` there.',
    blameless: true,
  },
  {
    says: /no longer running|unexpected server status|no slots available/,
    code: 'HOST_CRASHED',
    sentence: 'The model runner on {host} crashed before it began on the request.',
    blameless: true,
  },
  {
    says: /while running the model|unexpectedly stopped/,
    code: 'HOST_CRASHED',
    sentence: 'The model runner on {host} crashed.',
  },
  {
    says: /unknown model architecture: '?mllama/,
    code: 'MODEL_LOAD_FAILED',
    sentence: 'Ollama on {host} is too new for models of llama3.2-vision, which only servers before 0.30 run.',
    fix: 'Choose another model, such as qwen2.5vl or gemma3, or use an older server.',
  },
  {
    says: /error loading model|process has terminated|error starting llama-server|out-of-memory during startup|waiting for llama-server to start|requires more system memory|unknown model architecture/,
    code: 'MODEL_LOAD_FAILED',
    sentence: 'The model does not load on {host}.',
    fix: 'Look at the log of its server; a smaller --num-ctx or model needs less memory.',
  },
  {
    says: /invalid think value|does not support (thinking|tools)|option ".*" must be of type|invalid format: |JSON schema/i,
    code: 'ASK_REFUSED',
    sentence: 'The server does not take the question itself.',
    fix: 'Change the option or schema that it names.',
  },
  {
    says: /request canceled|context canceled/,
    code: 'HOST_UNREACHABLE',
    sentence: 'The connection to {host} was closed on the way.',
  },
  {
    says: /HTTP request (was sent )?to (an )?HTTPS/i,
    code: 'HOST_REFUSED',
    sentence: '{host} wants https.',
    fix: 'Write https:// in its URL.',
  },
  {
    statuses: [413],
    says: /^$/, // the JSON body {"error":""}; a proxy's page always says something
    code: 'IMAGE_TOO_LARGE',
    sentence: 'The request is larger than the server takes (100 MiB).',
    fix: 'Lower --max-side, or let --pixels auto shrink the image.',
  },
  {
    statuses: [413],
    code: 'HOST_REFUSED',
    sentence: 'A proxy before {host} does not take a request of this size.',
    fix: 'Raise its limit (nginx: client_max_body_size 64m).',
  },
  { statuses: [408], code: 'HOST_TIMEOUT', sentence: 'A proxy before {host} gave up waiting.' },
  { statuses: [429, 503], code: 'HOST_BUSY', sentence: '{host} has too many requests waiting.' },
  {
    statuses: [502, 504],
    code: 'HOST_UNREACHABLE',
    sentence: 'A proxy before {host} does not reach the server.',
    fix: 'Check the server; for 504 raise the read timeout of the proxy.',
  },
  {
    statuses: [404, 405],
    code: 'HOST_REFUSED',
    sentence: '{host} does not know the API of Ollama.',
    fix: OTHER_SERVER,
  },
  { statuses: [400, 422], code: 'REQUEST_REFUSED', sentence: 'The server refused the request.' },
];

/**
 * Anything else that a server calls its own error. Taken for a crash, since most are, and because that goes on
 * elsewhere and blames an item only when several hosts fail on it: counted as an attempt, one sick host with new words
 * would fail every item it gets.
 */
export const SERVER_ERROR: ErrorRule = { code: 'HOST_CRASHED', sentence: '{host} failed on the request.' };

/** A status that Ollama does not use, a redirect, or a body that is not JSON. */
export const NOT_OLLAMA: ErrorRule = {
  code: 'HOST_REFUSED',
  sentence: '{host} does not answer as an Ollama server does.',
  fix: OTHER_SERVER,
};
