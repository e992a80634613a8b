import { createHash } from 'node:crypto';
import { decodeBase64, keepAliveMs, parseJson } from './go-values.js';
import { REFUSALS, Refusal } from './refusal.js';

export type Endpoint = 'chat' | 'generate';

/** An image of a request, decoded. */
export interface SentImage {
  /** Null where the server only hashes. */
  readonly bytes: Buffer | null;
  /** In hex. */
  readonly sha256: string;
}

export interface Message {
  readonly role: string;
  readonly content: string;
  readonly images: readonly SentImage[];
}

/** A decoded request to `/api/chat` or `/api/generate`; a generate request is one message. */
export interface AskRequest {
  readonly endpoint: Endpoint;
  /** As sent; answers echo it. */
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly Message[];
  /** Nothing is asked: the model is only loaded, or unloaded. */
  readonly preload: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  /** Null where the request has none. */
  readonly keepAliveMs: number | null;
  readonly format: unknown;
  readonly think: boolean | string | null;
  readonly tools: boolean;
  readonly logprobs: boolean;
  readonly topLogprobs: number;
  readonly truncate: boolean;
  readonly shift: boolean | null;
  readonly debugRender: boolean;
}

/** All images of a request, in order. */
export function imagesOf(ask: AskRequest): readonly SentImage[] {
  return ask.messages.flatMap((message) => message.images);
}

/** All text of a request, in order. */
export function promptOf(ask: AskRequest): string {
  return ask.messages.map((message) => message.content).join('\n');
}

/** A request's JSON as it was sent. */
export type Fields = Readonly<Record<string, unknown>>;
type Kind = 'string' | 'array' | 'object' | 'bool' | 'number';

const KINDS: Readonly<Record<string, Kind>> = {
  model: 'string',
  messages: 'array',
  prompt: 'string',
  system: 'string',
  images: 'array',
  stream: 'bool',
  options: 'object',
  tools: 'array',
  logprobs: 'bool',
  top_logprobs: 'number',
  truncate: 'bool',
  shift: 'bool',
  _debug_render_only: 'bool',
};

const GO_TYPES: Readonly<Record<Kind, string>> = {
  string: 'string',
  array: '[]interface {}',
  object: 'map[string]interface {}',
  bool: 'bool',
  number: 'int',
};

/** Makes an image of what stands in the JSON for it. */
export type ImageDecoder = (text: string) => SentImage;

/** Decodes base64 as Go does, or refuses with the offset of the bad byte. */
export function decodeImage(base64: string): SentImage {
  const decoded = decodeBase64(base64);
  if ('badOffset' in decoded) throw REFUSALS.base64(decoded.badOffset);
  return { bytes: decoded.bytes, sha256: createHash('sha256').update(decoded.bytes).digest('hex') };
}

/** Decodes the fields of a request. Refuses in the words of Go's decoder. */
export function decodeAsk(endpoint: Endpoint, fields: Fields, imageOf: ImageDecoder): AskRequest {
  const messages = endpoint === 'chat' ? chatMessages(fields, imageOf) : generateMessages(fields, imageOf);
  return {
    endpoint,
    model: text(fields.model),
    stream: fields.stream !== false,
    messages,
    preload: endpoint === 'chat' ? messages.length === 0 : text(fields.prompt) === '',
    options: asFields(fields.options),
    keepAliveMs: keepAliveMs(fields.keep_alive),
    format: fields.format ?? null,
    think: thinkOf(fields.think),
    tools: asList(fields.tools).length > 0,
    logprobs: fields.logprobs === true,
    topLogprobs: typeof fields.top_logprobs === 'number' ? fields.top_logprobs : 0,
    truncate: fields.truncate !== false,
    shift: typeof fields.shift === 'boolean' ? fields.shift : null,
    debugRender: fields._debug_render_only === true,
  };
}

/** Decodes any JSON body into its fields, checking the kinds of those that are known. */
export function decodeFields(body: string, struct: string): Fields {
  if (body === '') throw REFUSALS.emptyBody();
  const value = parseJson(body);
  expectKind(value, 'object', { struct, path: '' });
  const fields = asFields(value);
  for (const [name, kind] of Object.entries(KINDS)) expectKind(fields[name], kind, { struct, path: name });
  return fields;
}

function expectKind(value: unknown, kind: Kind, where: { struct: string; path: string }): void {
  const found = kindOf(value);
  if (found === null || found === kind) return;
  const place = where.path === '' ? 'value' : `struct field ${where.struct}.${where.path}`;
  throw new Refusal(400, `json: cannot unmarshal ${found} into Go ${place} of type ${GO_TYPES[kind]}`);
}

/** Null and absent fit everywhere in Go. */
function kindOf(value: unknown): Kind | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'number' : 'object';
}

/** A request's JSON with the SHA-256 of each image in place of the image. */
export function withoutBytes(fields: Fields, ask: AskRequest): Fields {
  const hashes = (message: Message | undefined) => message?.images.map(({ sha256 }) => sha256) ?? [];
  if (ask.endpoint === 'generate')
    return 'images' in fields ? { ...fields, images: hashes(ask.messages.at(-1)) } : fields;
  const messages = asList(fields.messages).map((value, index) => {
    const message = asFields(value);
    return 'images' in message ? { ...message, images: hashes(ask.messages[index]) } : message;
  });
  return { ...fields, messages };
}

function chatMessages(fields: Fields, imageOf: ImageDecoder): Message[] {
  return asList(fields.messages).map((value) => {
    const message = asFields(value);
    expectKind(message.content, 'string', { struct: 'ChatRequest', path: 'messages.content' });
    return { role: text(message.role), content: text(message.content), images: imagesIn(message.images, imageOf) };
  });
}

function generateMessages(fields: Fields, imageOf: ImageDecoder): Message[] {
  const user = { role: 'user', content: text(fields.prompt), images: imagesIn(fields.images, imageOf) };
  const system = text(fields.system);
  return system === '' ? [user] : [{ role: 'system', content: system, images: [] }, user];
}

function imagesIn(value: unknown, imageOf: ImageDecoder): SentImage[] {
  return asList(value).map((image) => imageOf(text(image)));
}

function thinkOf(value: unknown): boolean | string | null {
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? null;
  if (typeof value === 'string' && ['high', 'medium', 'low', 'max'].includes(value)) return value;
  throw REFUSALS.think(String(value));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
