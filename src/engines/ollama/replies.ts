import { z } from 'zod';
import { VisionError } from '../../core/errors.js';

const capabilitiesSchema = z.array(z.string()).nullish();
const tagSchema = z.object({
  name: z.string(),
  digest: z.string(),
  size: z.number().optional(),
  details: z.object({ families: z.array(z.string()).nullish() }).optional(),
  /** From Ollama 0.30. */
  capabilities: capabilitiesSchema,
  remote_model: z.string().optional(),
  remote_host: z.string().optional(),
});

/** What `GET /api/version`, `/api/tags`, `/api/ps` and `POST /api/show` hold, as far as it matters here. */
export const versionSchema = z.object({ version: z.string() });
const tagsSchema = z.object({ models: z.array(tagSchema).nullish() });
const showSchema = z.object({
  capabilities: capabilitiesSchema,
  details: z.object({ families: z.array(z.string()).nullish(), parameter_size: z.string().nullish() }).nullish(),
  model_info: z.record(z.string(), z.unknown()).nullish(),
  modelfile: z.string().nullish(),
  template: z.string().nullish(),
  remote_model: z.string().optional(),
  remote_host: z.string().optional(),
});
export const psSchema = z.object({
  models: z
    .array(
      z.object({
        name: z.string(),
        size: z.number().optional(),
        size_vram: z.number().optional(),
        context_length: z.number().optional(),
      }),
    )
    .nullish(),
});

/** A model as a server lists it. */
export type Tag = z.infer<typeof tagSchema>;
/** A model that a server has in memory. */
export type Loaded = NonNullable<z.infer<typeof psSchema>['models']>[number];
/** A model as a server shows it. */
export type Shown = z.infer<typeof showSchema>;

/** The four questions that read a server's state. Answers are whatever the server sent. */
export interface ServerReader {
  /** Named in failures. */
  readonly host: string;
  version(): Promise<unknown>;
  tags(): Promise<unknown>;
  show(model: string): Promise<unknown>;
  ps(): Promise<unknown>;
}

/** What of ollama-js reads a server's state. */
interface ReadingClient {
  version(): Promise<unknown>;
  list(): Promise<unknown>;
  show(request: { readonly model: string }): Promise<unknown>;
  ps(): Promise<unknown>;
}

/** The four questions, as ollama-js puts them. */
export function readerOf(host: string, client: ReadingClient): ServerReader {
  return {
    host,
    version: () => client.version(),
    tags: () => client.list(),
    show: (model) => client.show({ model }),
    ps: () => client.ps(),
  };
}

/** The models on a server's own list. Throws HOST_REFUSED. */
export async function readTags(server: ServerReader): Promise<readonly Tag[]> {
  return parsed(server.host, tagsSchema, await server.tags()).models ?? [];
}

/** What a server shows of a model. Throws HOST_REFUSED. */
export async function readShown(server: ServerReader, model: string): Promise<Shown> {
  return parsed(server.host, showSchema, await server.show(model));
}

/** An answer in the shape that an Ollama server gives it. Throws HOST_REFUSED where it has another. */
export function parsed<T extends z.ZodType>(host: string, schema: T, answer: unknown): z.infer<T> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new VisionError('HOST_REFUSED', `${host} does not answer as an Ollama server does.`, {
    fix: 'Check that the URL is that of an Ollama server, path prefix included.',
    cause: result.error,
  });
}

/** Names are the same in any case, and a name without a tag means `latest`. */
export function isSameModel(a: string, b: string): boolean {
  return withTag(a) === withTag(b);
}

function withTag(name: string): string {
  const lower = name.toLowerCase();
  return lower.slice(lower.lastIndexOf('/') + 1).includes(':') ? lower : `${lower}:latest`;
}
