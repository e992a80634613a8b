import { parsed, refuse } from './kinds.js';
import type { Kind } from './setting.js';

/** Sampling options by the server's own names. */
export type SamplingOptions = Readonly<Record<string, string | number | boolean>>;

/** Options that have a setting of their own. */
const OURS: ReadonlyMap<string, string> = new Map([
  ['temperature', 'temperature'],
  ['num_predict', 'max-tokens'],
  ['num_ctx', 'num-ctx'],
  ['seed', 'seed'],
]);

/** Options of the model's process, not of an answer: a server loads the model anew when they differ. */
const RELOADING: ReadonlySet<string> = new Set(
  'num_batch num_gpu num_thread main_gpu use_mmap draft_num_predict'.split(' '),
);

/** `NAME=VALUE`, several; a map in YAML. Numbers and booleans are recognised. */
export const OPTIONS: Kind<SamplingOptions> = {
  placeholder: 'NAME=VALUE',
  several: true,
  type: parsed((raw) => Object.fromEntries(entries(raw))),
  show: (options) =>
    Object.entries(options)
      .map(([name, value]) => `${name}=${value}`)
      .join(';'),
};

function entries(raw: unknown): [name: string, value: string | number | boolean][] {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    return Object.entries(raw).map(([name, value]) => [checkedName(name), scalar(value)]);
  }
  return [raw].flat().map((one) => {
    const [, name, value] = (typeof one === 'string' && /^([^=]+)=(.*)$/s.exec(one)) || [];
    if (name === undefined || value === undefined) return refuse('NAME=VALUE, such as top_k=20', one);
    return [checkedName(name), recognised(value)];
  });
}

function checkedName(name: string): string {
  const own = OURS.get(name);
  if (own !== undefined) return refuse('an option without a setting of its own', name, `use --${own}`);
  if (RELOADING.has(name)) {
    return refuse('a sampling option', name, 'it makes servers load the model again: set it in the Modelfile');
  }
  return /^[a-z_]+$/.test(name) ? name : refuse("an option by the server's own name, such as top_k", name);
}

function scalar(value: unknown): string | number | boolean {
  if (typeof value === 'string') return recognised(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : refuse('text, a number or a boolean', value);
}

function recognised(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(value) ? Number(value) : value;
}
