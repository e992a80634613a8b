import type { HostModel, HostModels, LoadedModel } from '../engine.js';
import { profileOf } from '../profiles/profile.js';
import { descriptionOf } from './describe.js';
import { remoteOf } from './preflight.js';
import {
  isSameModel,
  type Loaded,
  parsed,
  psSchema,
  readShown,
  readTags,
  type ServerReader,
  type Tag,
  versionSchema,
} from './replies.js';

/** Names of the models that see images, on the host's own disk. */
export async function listVisionModels(server: ServerReader): Promise<string[]> {
  const tags = await readTags(server);
  const capabilities = await Promise.all(
    tags.map(async (tag) => tag.capabilities ?? (await readShown(server, tag.name)).capabilities),
  );
  return tags
    .filter((tag, i) => remoteOf(tag) === null && (capabilities[i]?.includes('vision') ?? hasProjector(tag)))
    .map((tag) => tag.name);
}

/** Every model that sees images, on the host's disk or elsewhere, with what the host says of it. */
export async function listModels(server: ServerReader): Promise<HostModels> {
  const { version } = parsed(server.host, versionSchema, await server.version());
  const tags = await readTags(server);
  const { models: loaded } = parsed(server.host, psSchema, await server.ps());
  const models = await Promise.all(tags.map((tag) => modelOf(server, tag, loaded ?? [])));
  return { version, models: models.flatMap((model) => model ?? []) };
}

async function modelOf(server: ServerReader, tag: Tag, loaded: readonly Loaded[]): Promise<HostModel | null> {
  if (tag.capabilities?.includes('vision') === false) return null;
  const shown = await readShown(server, tag.name);
  const model = descriptionOf({ ...shown, capabilities: shown.capabilities ?? tag.capabilities });
  if (!(model.sees ?? hasProjector(tag))) return null;
  const inMemory = loaded.find(({ name }) => isSameModel(name, tag.name));
  return {
    name: tag.name,
    digest: tag.digest,
    sizeBytes: tag.size ?? 0,
    model,
    singleParallel: profileOf(tag.name, model, []).singleParallel,
    remote: remoteOf(tag) ?? remoteOf({ ...shown, name: tag.name }),
    loaded: inMemory === undefined ? null : loadedAs(inMemory),
  };
}

function loadedAs({ context_length: context, size = 0, size_vram: inGpu }: Loaded): LoadedModel {
  const gpuShare = inGpu === undefined || size === 0 ? null : Math.min(1, inGpu / size);
  return { gpuShare, contextLength: context ?? null };
}

/** How servers before capabilities show a model that sees. */
function hasProjector(tag: Tag): boolean {
  return tag.details?.families?.some((family) => family === 'clip' || family === 'mllama') ?? false;
}
