import type { PreloadOptions } from '../engine.js';
import { isSameModel, parsed, psSchema, type ServerReader } from './replies.js';

/** A model that was just loaded, and how. */
export interface Loading {
  readonly model: string;
  /** Tokens of context that were asked for. */
  readonly numCtx: number;
  readonly advice: NonNullable<PreloadOptions['advice']>;
}

/** What `GET /api/ps` makes doubtful about a model that was just loaded. */
export async function loadWarnings(server: ServerReader, { model, numCtx, advice }: Loading): Promise<string[]> {
  const { models } = parsed(server.host, psSchema, await server.ps());
  const loaded = models?.find((candidate) => isSameModel(candidate.name, model));
  if (loaded === undefined) return [`${server.host} does not list ${model} as loaded`];
  const { context_length: context, size = 0, size_vram: inGpu } = loaded;
  const warnings: string[] = [];
  if (context !== undefined && context !== numCtx) {
    const fitting = context < numCtx ? advice(context) : null;
    const told = `${server.host} loaded ${model} with a context of ${context} tokens, not ${numCtx}`;
    warnings.push(fitting === null ? told : `${told}: say --num-ctx ${context}. ${fitting}`);
  }
  if (inGpu !== undefined && inGpu < size) {
    warnings.push(`only ${Math.floor((100 * inGpu) / size)} % of ${model} is in GPU memory on ${server.host}`);
  }
  return warnings;
}
