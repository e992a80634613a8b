import { z } from 'zod';
import { VisionError } from '../../core/errors.js';

/** What `GET /api/version`, `/api/tags`, `/api/ps` and `POST /api/show` hold, as far as it matters here. */
const versionSchema = z.object({ version: z.string() });
const capabilitiesSchema = z.array(z.string()).nullish();
const tagSchema = z.object({
  name: z.string(),
  digest: z.string(),
  details: z.object({ families: z.array(z.string()).nullish() }).optional(),
  /** From Ollama 0.30. */
  capabilities: capabilitiesSchema,
  remote_model: z.string().optional(),
  remote_host: z.string().optional(),
});
const tagsSchema = z.object({ models: z.array(tagSchema).nullish() });
const showSchema = z.object({
  capabilities: capabilitiesSchema,
  remote_model: z.string().optional(),
  remote_host: z.string().optional(),
});
const loadedSchema = z.object({
  name: z.string(),
  size: z.number().optional(),
  size_vram: z.number().optional(),
  context_length: z.number().optional(),
});
const psSchema = z.object({ models: z.array(loadedSchema).nullish() });

type Tag = z.infer<typeof tagSchema>;

/** The four questions that read a server's state. Answers are whatever the server sent. */
export interface ServerReader {
  /** Named in failures. */
  readonly host: string;
  version(): Promise<unknown>;
  tags(): Promise<unknown>;
  show(model: string): Promise<unknown>;
  ps(): Promise<unknown>;
}

/** A model that this host can serve. */
export interface ModelFacts {
  readonly version: string;
  readonly digest: string;
  /** Whether it thinks before it answers unless told not to. */
  readonly thinks: boolean;
  readonly warnings: readonly string[];
}

/** Checks that the host has the model, on its own disk, and that it can see. Throws MODEL_MISSING, MODEL_NOT_VISION, HOST_*. */
export async function inspectModel(server: ServerReader, model: string): Promise<ModelFacts> {
  const { version } = parsed(server.host, versionSchema, await server.version());
  const tags = await readTags(server);
  const tag = tags.find((candidate) => isSameModel(candidate.name, model));
  if (tag === undefined) throw missing(server.host, model, tags);
  const shown = parsed(server.host, showSchema, await server.show(model));
  if (isRemote(tag) || isRemote({ ...shown, name: model })) throw remote(server.host, model);
  const capabilities = shown.capabilities ?? tag.capabilities ?? null;
  if (capabilities !== null && !capabilities.includes('vision')) throw notVision(server.host, model, tags);
  return {
    version,
    digest: tag.digest,
    thinks: capabilities?.includes('thinking') ?? false,
    warnings:
      capabilities === null ? [`${server.host} (Ollama ${version}) does not say whether ${model} sees images`] : [],
  };
}

/** Names of the models that see images, on the host's own disk. */
export async function listVisionModels(server: ServerReader): Promise<string[]> {
  const tags = await readTags(server);
  const capabilities = await Promise.all(
    tags.map(
      async (tag) => tag.capabilities ?? parsed(server.host, showSchema, await server.show(tag.name)).capabilities,
    ),
  );
  return tags
    .filter((tag, i) => !isRemote(tag) && (capabilities[i]?.includes('vision') ?? hasProjector(tag)))
    .map((tag) => tag.name);
}

/** What `GET /api/ps` makes doubtful about a model that was just loaded. */
export async function loadWarnings(server: ServerReader, model: string, numCtx: number): Promise<string[]> {
  const { models } = parsed(server.host, psSchema, await server.ps());
  const loaded = models?.find((candidate) => isSameModel(candidate.name, model));
  if (loaded === undefined) return [`${server.host} does not list ${model} as loaded`];
  const { context_length: context, size = 0, size_vram: inGpu } = loaded;
  const warnings: string[] = [];
  if (context !== undefined && context !== numCtx) {
    warnings.push(`${server.host} loaded ${model} with a context of ${context} tokens, not ${numCtx}`);
  }
  if (inGpu !== undefined && inGpu < size) {
    warnings.push(`only ${Math.floor((100 * inGpu) / size)} % of ${model} is in GPU memory on ${server.host}`);
  }
  return warnings;
}

/** Names are the same in any case, and a name without a tag means `latest`. */
export function isSameModel(a: string, b: string): boolean {
  return withTag(a) === withTag(b);
}

function withTag(name: string): string {
  const lower = name.toLowerCase();
  return lower.slice(lower.lastIndexOf('/') + 1).includes(':') ? lower : `${lower}:latest`;
}

async function readTags(server: ServerReader): Promise<readonly Tag[]> {
  return parsed(server.host, tagsSchema, await server.tags()).models ?? [];
}

/** Images would leave the host. */
function isRemote(model: Pick<Tag, 'name' | 'remote_host' | 'remote_model'>): boolean {
  return model.remote_host !== undefined || model.remote_model !== undefined || /[:-]cloud$/i.test(model.name);
}

/** How servers before capabilities show a model that sees. */
function hasProjector(tag: Tag): boolean {
  return tag.details?.families?.some((family) => family === 'clip' || family === 'mllama') ?? false;
}

function missing(host: string, model: string, tags: readonly Tag[]): VisionError {
  const known = tags.length === 0 ? 'It has none.' : `It has ${tags.map((tag) => tag.name).join(', ')}.`;
  return new VisionError('MODEL_MISSING', `${host} does not have the model ${model}. ${known}`, {
    fix: `Run \`ollama pull ${model}\` there.`,
  });
}

/** Not a model of this host: what it has under the name is only a way to someone else's. */
function remote(host: string, model: string): VisionError {
  return new VisionError(
    'MODEL_MISSING',
    `${model} is not on ${host} itself: it runs in a cloud, and images would go there.`,
    {
      fix: 'Pull a model that runs on the host.',
    },
  );
}

function notVision(host: string, model: string, tags: readonly Tag[]): VisionError {
  const seeing = tags.filter((tag) => tag.capabilities?.includes('vision') === true && !isRemote(tag));
  return new VisionError('MODEL_NOT_VISION', `${model} on ${host} cannot see images.`, {
    fix:
      seeing.length === 0
        ? 'Pull one that can, such as `ollama pull qwen2.5vl`.'
        : `These can: ${seeing.map((tag) => tag.name).join(', ')}.`,
  });
}

function parsed<T extends z.ZodType>(host: string, schema: T, answer: unknown): z.infer<T> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new VisionError('HOST_REFUSED', `${host} does not answer as an Ollama server does.`, {
    fix: 'Check that the URL is that of an Ollama server, path prefix included.',
    cause: result.error,
  });
}
