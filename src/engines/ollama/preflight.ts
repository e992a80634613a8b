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
  /** Where images would go; null where the model runs on the host itself. */
  readonly remote: string | null;
  readonly warnings: readonly string[];
}

/**
 * Checks that the host has the model, on its own disk unless it may be elsewhere, and that it can see. Throws
 * MODEL_MISSING, MODEL_NOT_VISION, HOST_*.
 */
export async function inspectModel(server: ServerReader, model: string, allowRemote = false): Promise<ModelFacts> {
  const { version } = parsed(server.host, versionSchema, await server.version());
  const tags = await readTags(server);
  const tag = tags.find((candidate) => isSameModel(candidate.name, model));
  if (tag === undefined) throw missing(server.host, model, tags);
  const shown = await readShown(server, model);
  const remote = remoteOf(tag) ?? remoteOf({ ...shown, name: model });
  if (remote !== null && !allowRemote) throw remoteRefused(server.host, { model, remote });
  const capabilities = shown.capabilities ?? tag.capabilities;
  const description = descriptionOf({ ...shown, capabilities });
  if (description.sees === false) throw notVision(server.host, model, tags);
  const doubt = `${server.host} (Ollama ${version}) does not say whether ${model} sees images`;
  const { singleParallel } = profileOf(model, description, []);
  const leaving = `images leave ${server.host}: ${model} runs at ${remote}`;
  const warnings = [description.sees === null ? [doubt] : [], remote === null ? [] : [leaving]].flat();
  return { version, digest: tag.digest, model: description, singleParallel, remote, warnings };
}

/** The digest that a name stands for. Throws MODEL_MISSING, HOST_REFUSED. */
export async function digestOf(server: ServerReader, model: string): Promise<string> {
  const tags = await readTags(server);
  const tag = tags.find((candidate) => isSameModel(candidate.name, model));
  if (tag === undefined) throw missing(server.host, model, tags);
  return tag.digest;
}

const OLLAMA_CLOUD = 'https://ollama.com';

/** Where images would go, as the model is not on the host; null where it is. */
export function remoteOf(model: Pick<Tag, 'name' | 'remote_host' | 'remote_model'>): string | null {
  const isElsewhere = model.remote_model !== undefined || /[:-]cloud$/i.test(model.name);
  return model.remote_host ?? (isElsewhere ? OLLAMA_CLOUD : null);
}

function missing(host: string, model: string, tags: readonly Tag[]): VisionError {
  const known = tags.length === 0 ? 'It has none.' : `It has ${tags.map((tag) => tag.name).join(', ')}.`;
  return new VisionError('MODEL_MISSING', `${host} does not have the model ${model}. ${known}`, {
    fix: `Run \`ollama pull ${model}\` there.`,
  });
}

/** Not a model of this host: what it has under the name is only a way to someone else's. */
function remoteRefused(
  host: string,
  { model, remote }: { readonly model: string; readonly remote: string },
): VisionError {
  return new VisionError(
    'MODEL_MISSING',
    `${model} is not on ${host} itself: it runs in a cloud (${remote}), and images would go there.`,
    {
      fix: 'Pull a model that runs on the host, or say --allow-remote.',
    },
  );
}

function notVision(host: string, model: string, tags: readonly Tag[]): VisionError {
  const seeing = tags.filter((tag) => tag.capabilities?.includes('vision') === true && remoteOf(tag) === null);
  return new VisionError('MODEL_NOT_VISION', `${model} on ${host} cannot see images.`, {
    fix:
      seeing.length === 0
        ? 'Pull one that can, such as `ollama pull qwen2.5vl`.'
        : `These can: ${seeing.map((tag) => tag.name).join(', ')}.`,
  });
}
