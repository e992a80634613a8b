import { lacksMemory, VisionError } from '../../core/errors.js';
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

/** A load that memory was too small for, with a context that needs half of it and what fits into that. */
export function withAdvice(thrown: unknown, { numCtx, advice }: Pick<Loading, 'numCtx' | 'advice'>): unknown {
  if (!(thrown instanceof VisionError) || thrown.code !== 'MODEL_LOAD_FAILED') return thrown;
  if (!lacksMemory(thrown.sentence)) return thrown;
  const half = Math.floor(numCtx / 2 / 1024) * 1024;
  if (half === 0) return thrown;
  const fitting = advice(half);
  return new VisionError('MODEL_LOAD_FAILED', thrown.sentence, {
    fix: `Half the context is --num-ctx ${half}.${fitting === null ? '' : ` ${fitting}`}`,
    cause: thrown,
  });
}

/** A load that was given up. */
export function loadTimeout(host: string, model: string, ms: number): VisionError {
  return new VisionError('HOST_TIMEOUT', `${host} did not load ${model} within ${Math.round(ms / 100) / 10} s.`, {
    fix: 'Raise --load-timeout.',
  });
}
