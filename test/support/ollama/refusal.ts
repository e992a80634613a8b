/** An error that the server tells its client, as status and text of `{"error": text}`. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(text);
    this.name = 'Refusal';
  }
}

interface InnerError {
  readonly code: number;
  readonly message: string;
  readonly type: string;
  readonly [field: string]: string | number;
}

/** An error of the inner llama-server, which Ollama passes on as JSON inside a string. */
export function nested(error: InnerError): Refusal {
  return new Refusal(error.code, JSON.stringify({ error }));
}

function invalidRequest(message: string): Refusal {
  return nested({ code: 400, message, type: 'invalid_request_error' });
}

function serverError(message: string): Refusal {
  return nested({ code: 500, message, type: 'server_error' });
}

/** The texts of a real server. Those with a number or a name in them are functions. */
export const REFUSALS = {
  emptyBody: () => new Refusal(400, 'missing request body'),
  base64: (offset: number) => new Refusal(400, `illegal base64 data at input byte ${offset}`),
  modelRequired: () => new Refusal(400, 'model is required'),
  modelUnknown: (name: string) => new Refusal(404, `model '${name}' not found`),
  notSupported: (name: string, what: string) => new Refusal(400, `"${name}" does not support ${what}`),
  tools: (name: string) => new Refusal(400, `registry.ollama.ai/library/${name} does not support tools`),
  think: (value: string) =>
    new Refusal(400, `invalid think value: "${value}" (must be "high", "medium", "low", "max", true, or false)`),
  optionType: (name: string, type: string) => new Refusal(500, `option "${name}" must be of type ${type}`),
  queueFull: () => new Refusal(503, 'server busy, please try again.  maximum pending requests exceeded'),
  loadFailed: (why: string) =>
    new Refusal(500, `llama-server process has terminated: exit status 1: error loading model: ${why}`),
  runnerDied: (why: string) => new Refusal(500, `an error was encountered while running the model: ${why}`),
  runnerGone: () => new Refusal(500, 'llama-server process no longer running: unknown '),
  format: (value: string) =>
    new Refusal(500, `invalid format: ${JSON.stringify(value)}; expected "json" or a valid JSON Schema object`),
  schemaRendered: (why: string) =>
    invalidRequest(`Field 'json_schema': "json_schema": JSON schema conversion failed:\nJSON schema error at ${why}`),
  schemaNative: (why: string) =>
    invalidRequest(
      `Unable to generate parser for this template. Automatic parser generation failed: JSON schema error at ${why}`,
    ),
  image: () => invalidRequest('Failed to load image or audio file'),
  webp: (why: string) => new Refusal(500, `decode WebP image: ${why}`),
  audio: () =>
    serverError('audio input is not supported - hint: if this is unexpected, you may need to provide the mmproj'),
  noVisionRendered: () => invalidRequest('Multimodal data provided, but model does not support multimodal requests.'),
  noVisionNative: () =>
    serverError('image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'),
  markers: () => invalidRequest('Failed to tokenize prompt'),
  chunkNotFound: () => serverError('got exception: Chunk not found'),
  context: (tokens: number, numCtx: number) =>
    nested({
      code: 400,
      message: `request (${tokens} tokens) exceeds the available context size (${numCtx} tokens), try increasing it`,
      type: 'exceed_context_size_error',
      n_prompt_tokens: tokens,
      n_ctx: numCtx,
    }),
  /** Only the part before the semicolon is known. */
  promptTooLong: () =>
    new Refusal(400, 'the prompt is longer than the context length currently available to the model; shorten it'),
  bodyTooLarge: () => new Refusal(413, ''),
} as const;

/** What kills a runner that meets an image at the end of its prompt. */
export const ASSERTION = 'GGML_ASSERT(batch.size() > 0) failed';

/** JSON as Go writes it: `<`, `>`, `&` and the two line separators are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
