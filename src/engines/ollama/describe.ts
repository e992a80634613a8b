import type { ModelDescription } from '../engine.js';
import { readShown, type ServerReader, type Shown } from './replies.js';

/** What a server says of a model, by `POST /api/show`. Throws MODEL_MISSING, HOST_*. */
export async function describeModel(server: ServerReader, model: string): Promise<ModelDescription> {
  return descriptionOf(await readShown(server, model));
}

/** A server before capabilities says neither whether a model thinks nor whether it sees. */
export function descriptionOf(shown: Shown): ModelDescription {
  const { capabilities, details, model_info: info } = shown;
  const architecture = textOf(info?.['general.architecture']);
  return {
    architecture,
    families: details?.families ?? [],
    parameterSize: details?.parameter_size ?? null,
    contextLength: lengthOf(info?.[`${architecture}.context_length`]),
    thinks: capabilities?.includes('thinking') ?? false,
    sees: capabilities?.includes('vision') ?? null,
    hasTemplate: hasTemplate(shown),
  };
}

/**
 * Whether the server fills in the prompt itself, by a renderer or a Go template. It shows the template of the model's
 * file, which is Jinja, where that is used instead, and passes the prompt through where there is neither.
 */
function hasTemplate({ modelfile, template }: Shown): boolean {
  if (/^RENDERER\s/m.test(modelfile ?? '')) return true;
  const text = (template ?? '').trim();
  return text.includes('{{') && !text.includes('{%') && !PASSED_THROUGH.test(text);
}

const PASSED_THROUGH = /^\{\{-?\s*\.Prompt\s*-?\}\}$/;

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function lengthOf(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}
