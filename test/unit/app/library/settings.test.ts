import { describe, expect, it, vi } from 'vitest';
import { bareHost } from '../../../../config/hosts/host.js';
import { SETTINGS } from '../../../../config/schema.js';
import type { RunOptions } from '../../../../src/app/library/options.js';
import { OPTION_NAMES, settingsOf } from '../../../../src/app/library/settings.js';

/** Every option that the types offer; one more or less does not compile. */
const TYPED = {
  model: true,
  prompt: true,
  question: true,
  system: true,
  format: true,
  style: true,
  labels: true,
  multi: true,
  stitch: true,
  lang: true,
  temperature: true,
  maxTokens: true,
  seed: true,
  option: true,
  pixels: true,
  maxSide: true,
  maxPixels: true,
  dpi: true,
  pdfText: true,
  blankCheck: true,
  rotate: true,
  deskew: true,
  pages: true,
  frames: true,
  passwordFile: true,
  maxDecodeMb: true,
  dedupe: true,
  confidence: true,
  profiles: true,
  allowRemote: true,
  allowMixed: true,
  recycleAfter: true,
  pull: true,
  allowPrivateUrls: true,
  siteConcurrency: true,
  siteDelay: true,
  attempts: true,
  numCtx: true,
  connectTimeout: true,
  loadTimeout: true,
  firstTokenTimeout: true,
  silenceTimeout: true,
  itemTimeout: true,
  host: true,
  hostsFile: true,
  hostKey: true,
  hostHeader: true,
  hostCa: true,
  redis: true,
  redisCa: true,
  redisPrefix: true,
  machine: true,
  priority: true,
  window: true,
  output: true,
  name: true,
  state: true,
  include: true,
  exclude: true,
  limit: true,
  root: true,
  groupBy: true,
  idColumn: true,
  imageColumn: true,
  onRepeat: true,
  promptColumn: true,
  questionColumn: true,
  labelsColumn: true,
  delimiter: true,
  shard: true,
  quote: true,
  encoding: true,
  base: true,
  verify: true,
  overwrite: true,
  columns: true,
  explode: true,
  bom: true,
  csvDialect: true,
  exportEvery: true,
  drainTimeout: true,
  hostsDownTimeout: true,
  retryFailed: true,
  onChange: true,
  recheckUrls: true,
  redo: true,
  fresh: true,
  allowShrink: true,
  for: true,
  until: true,
  failOn: true,
} as const satisfies Record<keyof RunOptions, true>;

describe('the options of a call', () => {
  it('are the settings of a configuration file, each with its type', () => {
    expect(OPTION_NAMES.toSorted()).toEqual(Object.keys(TYPED).sort());
  });

  it('that are left out, or undefined, are their defaults and not given', async () => {
    const { given, settings } = await settingsOf({ temperature: undefined }, 'ocr');
    expect(given).toEqual({});
    expect(settings).toMatchObject({ temperature: SETTINGS.temperature.default, outputs: [], redis: null });
    expect(settings.hosts).toEqual([bareHost('http://127.0.0.1:11434')]);
  });

  it('are parsed as their settings are, and those that decide what is asked are given', async () => {
    const { given, settings } = await settingsOf(
      { itemTimeout: '90s', model: 'gemma3', prompt: '@a', host: 'cpu' },
      'ocr',
    );
    expect(settings).toMatchObject({ itemTimeoutMs: 90_000, hosts: [{ url: 'cpu' }], prompt: '@a' });
    expect(given).toEqual({ model: 'gemma3', prompt: '@a' });
  });

  it('name hosts in full, and of the environment nothing is read but the secrets that they name', async () => {
    vi.stubEnv('A_KEY', 'word');
    vi.stubEnv('OLLAMA_HOST', 'elsewhere');
    const { settings } = await settingsOf({ host: { url: 'https://a', key: 'env:A_KEY', slots: 'auto' } }, 'ocr');
    expect(settings.hosts.map(({ key, slots, url }) => [url, slots, key?.text])).toEqual([['https://a', null, 'word']]);
    vi.unstubAllEnvs();
    await expect(settingsOf({ hostKey: 'env:A_KEY' }, 'ocr')).rejects.toThrow(
      'hostKey: Expected the variable A_KEY to be set, got none',
    );
    expect((await settingsOf({}, 'ocr')).settings.hosts).toEqual([bareHost('http://127.0.0.1:11434')]);
  });

  it('have no host of their own beside Redis', async () => {
    expect((await settingsOf({ redis: 'redis://h', model: 'm' }, 'ocr')).settings.hosts).toEqual([]);
  });

  it('are refused with everything that is wrong, and without a password', async () => {
    const options = { colour: 'red', bom: 'maybe', silenceTimeout: '2h', redis: 'http://me:secret@h' };
    await expect(settingsOf(options, 'ocr')).rejects.toThrowError(
      expect.objectContaining({
        exitCode: 2,
        message: [
          'colour: no such option',
          'bom: Expected true or false, got "maybe"',
          'redis: Expected a redis:// or rediss:// URL, or none; what was given is not shown',
          'silenceTimeout: Expected a time shorter than item-timeout (20m), got 2h',
        ].join('\n'),
      }),
    );
  });
});
