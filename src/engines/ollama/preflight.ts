import { VisionError } from '../../core/errors.js';
import type { ModelDescription } from '../engine.js';
import { profileOf } from '../profiles/profile.js';
import { descriptionOf } from './describe.js';
import { isSameModel, parsed, readShown, readTags, type ServerReader, type Tag, versionSchema } from './replies.js';

/** A model that this host can serve. */
export interface ModelFacts {
  readonly version: string;
  readonly digest: string;
  readonly model: ModelDescription;
  readonly singleParallel: boolean;
  readonly warnings: readonly string[];
}

/** Checks that the host has the model, on its own disk, and that it can see. Throws MODEL_MISSING, MODEL_NOT_VISION, HOST_*. */
export async function inspectModel(server: ServerReader, model: string): Promise<ModelFacts> {
  const { version } = parsed(server.host, versionSchema, await server.version());
  const tags = await readTags(server);
  const tag = tags.find((candidate) => isSameModel(candidate.name, model));
  if (tag === undefined) throw missing(server.host, model, tags);
  const shown = await readShown(server, model);
  if (isRemote(tag) || isRemote({ ...shown, name: model })) throw remote(server.host, model);
  const capabilities = shown.capabilities ?? tag.capabilities;
  const description = descriptionOf({ ...shown, capabilities });
  if (description.sees === false) throw notVision(server.host, model, tags);
  const doubt = `${server.host} (Ollama ${version}) does not say whether ${model} sees images`;
  const { singleParallel } = profileOf(model, description, []);
  const warnings = description.sees === null ? [doubt] : [];
  return { version, digest: tag.digest, model: description, singleParallel, warnings };
}

/** The digest that a name stands for. Throws MODEL_MISSING, HOST_REFUSED. */
export async function digestOf(server: ServerReader, model: string): Promise<string> {
  const tags = await readTags(server);
  const tag = tags.find((candidate) => isSameModel(candidate.name, model));
  if (tag === undefined) throw missing(server.host, model, tags);
  return tag.digest;
}

/** Names of the models that see images, on the host's own disk. */
export async function listVisionModels(server: ServerReader): Promise<string[]> {
  const tags = await readTags(server);
  const capabilities = await Promise.all(
    tags.map(async (tag) => tag.capabilities ?? (await readShown(server, tag.name)).capabilities),
  );
  return tags
    .filter((tag, i) => !isRemote(tag) && (capabilities[i]?.includes('vision') ?? hasProjector(tag)))
    .map((tag) => tag.name);
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
