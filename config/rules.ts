import { showDuration } from './duration.js';
import { header } from './hosts/headers.js';
import { togetherProblem } from './hosts/hosts-now.js';
import type { Rule, Start } from './rule.js';
import { CPU, type SettingKey } from './schema.js';
import { RUNS } from './setting.js';
import { TASK_RULES } from './task-rules.js';

const RULES: readonly Rule[] = [
  ...TASK_RULES,
  {
    keys: ['connectTimeoutMs', 'firstTokenTimeoutMs'],
    refuse: ({ settings: { connectTimeoutMs: short, firstTokenTimeoutMs: long } }) =>
      short < long ? null : shorter(short, 'first-token-timeout', long),
  },
  {
    keys: ['silenceTimeoutMs', 'itemTimeoutMs'],
    refuse: ({ settings: { silenceTimeoutMs: short, itemTimeoutMs: long } }) =>
      short < long ? null : shorter(short, 'item-timeout', long),
  },
  {
    keys: ['maxTokens', 'numCtx'],
    refuse: ({ settings: { maxTokens, numCtx } }) =>
      maxTokens === null || numCtx === null || maxTokens < numCtx
        ? null
        : `Expected fewer tokens than num-ctx (${numCtx}) holds, got ${maxTokens}`,
  },
  {
    keys: ['quiet', 'verbose'],
    refuse: ({ settings }) => (settings.quiet && settings.verbose ? 'Expected quiet or verbose, got both' : null),
  },
  {
    keys: ['outputs'],
    refuse: ({ settings, command }) =>
      RUNS.includes(command) && settings.outputs.length === 0
        ? 'Expected at least one output, got none - add -o out.csv, or -o - for JSON lines on stdout'
        : null,
  },
  {
    keys: ['explode', 'outputs'],
    refuse: ({ settings: { explode, outputs } }) =>
      explode !== null && outputs.length > 0 && !outputs.some((output) => /\.csv$/i.test(output))
        ? `Expected an output that ends in .csv, got ${outputs.join(', ')} - JSON lines hold lists as they are`
        : null,
  },
  {
    keys: ['outputs'],
    refuse: ({ settings: { outputs } }) => {
      const twice = duplicate(outputs);
      return twice === undefined ? null : `Expected every output once, got ${twice} twice`;
    },
  },
  { keys: ['hosts'], refuse: ({ settings: { hosts } }) => togetherProblem(hosts) },
  {
    keys: ['hostHeaders', 'hostKey'],
    refuse: ({ settings: { hostHeaders, hostKey } }) =>
      hostKey !== null && header(hostHeaders, 'authorization') !== undefined
        ? 'Expected a key or the header Authorization, got both'
        : null,
  },
  {
    keys: ['hosts'],
    refuse: ({ settings: { hosts }, task }) =>
      task !== null && task !== 'ocr' && hosts.some(({ url }) => url === CPU)
        ? `Expected an Ollama server for ${task === 'own' ? 'a task of your own' : task}, got cpu - the built-in engine reads text, it cannot describe pictures`
        : null,
  },
  {
    keys: ['model', 'redis', 'hosts'],
    refuse: ({ settings: { hosts, redis, model }, command }) =>
      RUNS.includes(command) && redis !== null && hosts.length === 0 && model === null
        ? 'Expected a model, got none - with --redis and no --host there is no server to ask which it has'
        : null,
  },
  {
    keys: ['redis'],
    refuse: ({ settings: { redis }, command }) =>
      command === 'worker' && redis === null
        ? 'Expected a Redis URL, got none - add --redis redis://HOST:6379, the one the run was started with'
        : null,
  },
  {
    keys: ['redisCa', 'redis'],
    refuse: ({ settings: { redis, redisCa } }) =>
      redisCa !== null && redis?.startsWith('redis:') === true
        ? 'Expected a rediss:// URL beside redis-ca, got redis://, which is not encrypted'
        : null,
  },
];

/** Says what does not hold, as [setting, sentence]. Rules on a setting that is `broken` already are left out. */
export function brokenRules(start: Start, broken: ReadonlySet<SettingKey>): (readonly [SettingKey, string])[] {
  return RULES.flatMap(({ keys, refuse }) => {
    const sentence = keys.some((key) => broken.has(key)) ? null : refuse(start);
    return sentence === null ? [] : [[keys[0], sentence] as const];
  });
}

function shorter(shortMs: number, longName: string, longMs: number): string {
  return `Expected a time shorter than ${longName} (${showDuration(longMs)}), got ${showDuration(shortMs)}`;
}

function duplicate(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}
