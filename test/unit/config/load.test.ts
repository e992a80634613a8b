import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Loaded, type LoadOptions, loadSettings } from '../../../config/load.js';
import { ExitError } from '../../../src/core/exit.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'visionbatch-config-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(cwd, name), text);

function load(options: Partial<LoadOptions> = {}): Promise<Loaded> {
  const { flags, ...others } = options;
  const start: LoadOptions = { command: 'ocr', task: 'ocr', flags: {}, env: {}, file: null, cwd, ...others };
  return loadSettings({ ...start, flags: start.command === 'ocr' ? { output: ['o.csv'], ...flags } : (flags ?? {}) });
}

async function problems(options: Partial<LoadOptions>): Promise<string[]> {
  const thrown: unknown = await load(options).catch((error: unknown) => error);
  if (!(thrown instanceof ExitError)) throw new Error(`Expected an ExitError, got ${JSON.stringify(thrown)}`);
  expect(thrown.exitCode).toBe(2);
  return thrown.message.split('\n');
}

describe('precedence', () => {
  it('is flag, environment, file, default', async () => {
    await write('visionbatch.yaml', 'lang: deu\nattempts: 2\nmodel: from-file\n');
    const env = { VISIONBATCH_ATTEMPTS: '3', VISIONBATCH_MODEL: 'from-env' };
    const { settings, origins } = await load({ flags: { model: 'from-flag' }, env });
    expect(settings).toMatchObject({ model: 'from-flag', attempts: 3, lang: 'deu', silenceTimeoutMs: 60_000 });
    expect(origins).toMatchObject({
      model: { kind: 'flag', where: '--model' },
      attempts: { kind: 'environment', where: 'VISIONBATCH_ATTEMPTS' },
      lang: { kind: 'file', where: 'visionbatch.yaml:1:7' },
      silenceTimeoutMs: { kind: 'default' },
    });
  });

  it('lets a flag turn off what the file turned on', async () => {
    await write('visionbatch.yaml', 'bom: true\nredis: redis://queue\ncsvDialect: table\n');
    const { settings } = await load({ flags: { bom: false, redis: 'none', csvDialect: 'default' } });
    expect(settings).toMatchObject({ bom: false, redis: null, csvDialect: 'default' });
  });

  it('takes an empty variable and an empty member for none', async () => {
    await write('visionbatch.yaml', 'model:\n');
    const { settings, origins } = await load({ env: { VISIONBATCH_LANG: '', REDIS_URL: '' } });
    expect(settings).toMatchObject({ model: null, lang: 'eng', redis: null });
    expect(origins.model.kind).toBe('default');
  });

  it('honours REDIS_URL after our own variable', async () => {
    const env = { REDIS_URL: 'redis://theirs', VISIONBATCH_MODEL: 'm' };
    expect((await load({ env })).settings.redis).toBe('redis://theirs');
    const both = { ...env, VISIONBATCH_REDIS: 'redis://ours' };
    expect((await load({ env: both })).settings.redis).toBe('redis://ours');
  });

  it('splits a variable of several values at semicolons and lines', async () => {
    const { settings } = await load({ env: { VISIONBATCH_HOST: 'http://a:1,slots=2; http://b:1\nhttp://c:1' } });
    expect(settings.hosts.map(({ url, slots }) => [url, slots])).toEqual([
      ['http://a:1', 2],
      ['http://b:1', null],
      ['http://c:1', null],
    ]);
  });

  it('reads the file that the environment names, and a flag before it', async () => {
    await write('a.yaml', 'lang: deu\n');
    await write('b.yaml', 'lang: fra\n');
    const env = { VISIONBATCH_CONFIG: 'a.yaml' };
    expect((await load({ env })).settings.lang).toBe('deu');
    expect((await load({ env, file: 'b.yaml' })).settings.lang).toBe('fra');
  });
});

describe('problems', () => {
  it('are told all at once, each with its place', async () => {
    await write(
      'visionbatch.yaml',
      ['attempts: 0', 'host:', '  - http://a', '  - gpu2:11434', 'langg: deu'].join('\n'),
    );
    const found = await problems({
      flags: { limit: 'x', silenceTimeout: '30m' },
      env: { VISIONBATCH_ITEM_TIMOUT: '5m', VISIONBATCH_SEED: '-1' },
    });
    expect(found).toEqual([
      'VISIONBATCH_ITEM_TIMOUT: no such setting - did you mean VISIONBATCH_ITEM_TIMEOUT ?',
      'visionbatch.yaml:5:1 langg: no such setting - did you mean lang ?',
      '--limit: Expected a whole number, 1 or more, got "x"',
      expect.stringContaining('visionbatch.yaml:4:5 host[1]: Expected a URL'),
      'VISIONBATCH_SEED: Expected a whole number from 0 to 2147483647, got "-1"',
      'visionbatch.yaml:1:11 attempts: Expected a whole number from 1 to 100, got 0',
      '--silence-timeout: Expected a time shorter than item-timeout (20m), got 30m',
    ]);
  });

  it('show in the file although a flag goes before it', async () => {
    await write('visionbatch.yaml', 'attempts: many\n');
    expect(await problems({ flags: { attempts: '2' } })).toEqual([expect.stringContaining('visionbatch.yaml:1:11')]);
  });

  it.each([
    ['a: [', 'visionbatch.yaml:1:'],
    ['lang: deu\nlang: eng\n', 'visionbatch.yaml:2:1'],
    ['- lang\n', 'visionbatch.yaml:1:1 Expected settings'],
    ['task: ocr\n', 'visionbatch.yaml:1:1 task: no such setting'],
  ])('show where %j is no configuration', async (text, start) => {
    await write('visionbatch.yaml', text);
    expect((await problems({})).join('\n')).toContain(start);
  });

  it('name a configuration file that is not there', async () => {
    expect(await problems({ file: 'gone.yaml' })).toEqual([expect.stringContaining('gone.yaml: cannot be read')]);
  });

  it('never show a password', async () => {
    await write('visionbatch.yaml', 'redis: "redis//user:hunter2@queue"\nhost: ["http://u:hunter2@gpu?x"]\n');
    const text = (await problems({ env: { REDIS_URL: 'hunter2' } })).join('\n');
    expect(text).toContain('Expected a redis:// or rediss:// URL');
    expect(text).toContain('http://u:***@gpu');
    expect(text).not.toContain('hunter2');
  });
});

describe('hosts', () => {
  it('default to OLLAMA_HOST, else to this machine', async () => {
    expect((await load()).settings.hosts[0]?.url).toBe('http://127.0.0.1:11434');
    const { settings, origins } = await load({ env: { OLLAMA_HOST: '0.0.0.0' } });
    expect(settings.hosts[0]?.url).toBe('http://127.0.0.1:11434');
    expect(origins.hosts).toEqual({ kind: 'environment', where: 'OLLAMA_HOST' });
  });

  it('go before OLLAMA_HOST where the file names them', async () => {
    await write('visionbatch.yaml', 'host: http://gpu1:11434\n');
    expect((await load({ env: { OLLAMA_HOST: 'gpu9' } })).settings.hosts).toMatchObject([{ url: 'http://gpu1:11434' }]);
  });

  it('are none beside Redis, where a model must then be named', async () => {
    const env = { OLLAMA_HOST: 'gpu1' };
    const { settings } = await load({ env, flags: { redis: 'redis://q', model: 'm' } });
    expect(settings.hosts).toEqual([]);
    expect(await problems({ env, flags: { redis: 'redis://q' } })).toEqual([
      expect.stringContaining('--model: Expected a model, got none'),
    ]);
  });

  it('keep their default for a worker, which needs Redis', async () => {
    const worker = { command: 'worker', task: null } as const;
    const { settings } = await load({ ...worker, flags: { redis: 'redis://q' }, env: { OLLAMA_HOST: 'gpu1' } });
    expect(settings.hosts).toMatchObject([{ url: 'http://gpu1:11434' }]);
    expect(await problems(worker)).toEqual([expect.stringContaining('--redis: Expected a Redis URL')]);
  });

  it('are either cpu or servers', async () => {
    expect(await problems({ flags: { host: ['cpu', 'http://a'] } })).toEqual([
      expect.stringContaining('--host: Expected cpu to stand alone'),
    ]);
  });

  it('cannot be cpu for captions', async () => {
    const flags = { host: ['cpu'], output: ['o.csv'] };
    expect(await problems({ command: 'caption', task: 'caption', flags })).toEqual([
      expect.stringContaining('Expected an Ollama server for caption, got cpu'),
    ]);
  });

  it('are each named once', async () => {
    expect(await problems({ flags: { host: ['http://a', 'http://a/'] } })).toEqual([expect.stringContaining('twice')]);
  });
});

describe('settings that depend on each other', () => {
  it.each([
    [{ connectTimeout: '10m' }, '--connect-timeout: Expected a time shorter than first-token-timeout (10m), got 10m'],
    [{ itemTimeout: '1m' }, '--silence-timeout: Expected a time shorter than item-timeout (1m), got 1m'],
    [{ maxTokens: '8192', numCtx: '8192' }, '--max-tokens: Expected fewer tokens than num-ctx (8192) holds, got 8192'],
    [
      { explode: 'items', output: ['a.jsonl', '-'] },
      '--explode: Expected an output that ends in .csv, got a.jsonl, - - JSON lines hold lists as they are',
    ],
    [
      { verify: 'cpu', host: ['cpu'] },
      '--verify: Expected a model to verify, got cpu as the host - the built-in OCR would confirm itself',
    ],
    [{ quiet: true, verbose: true }, '--quiet: Expected quiet or verbose, got both'],
    [{ output: ['a.csv', 'a.csv'] }, '--output: Expected every output once, got a.csv twice'],
  ])('are refused together: %j', async (flags, problem) => {
    expect(await problems({ flags })).toEqual([problem]);
  });

  it('ask for an output', async () => {
    const nothing = { command: 'caption', task: 'caption', flags: {} } as const;
    expect(await problems(nothing)).toEqual([expect.stringContaining('--output: Expected at least one output')]);
  });
});

describe('what was given of the ask', () => {
  it('is what a flag, a variable or the file says, and no default', async () => {
    await write('visionbatch.yaml', 'maxSide: 2000\nattempts: 2\n');
    const { given } = await load({ flags: { temperature: '0' }, env: { VISIONBATCH_LANG: 'deu' } });
    expect(given).toEqual({ temperature: 0, lang: 'deu', maxSide: 2000 });
  });

  it('holds the text of a prompt that stands in a file', async () => {
    await write('prompt.txt', 'Read it all.\n');
    const { given, settings } = await load({ flags: { prompt: '@prompt.txt' } });
    expect([given.prompt, settings.prompt]).toEqual(['Read it all.', 'Read it all.']);
  });

  it('cannot come from a file that is not there, or that holds a placeholder', async () => {
    await write('bad.txt', 'Look at [img-0]');
    expect(await problems({ flags: { prompt: '@gone.txt', system: '@bad.txt' } })).toEqual([
      expect.stringContaining('--prompt: gone.txt cannot be read'),
      expect.stringContaining('--system: Expected text without "[img"'),
    ]);
  });
});

describe('a run file', () => {
  const run = { command: 'run', task: null, file: 'run.yaml' } as const;

  it('holds task, inputs and any settings', async () => {
    await write('run.yaml', 'task: caption\ninputs: [a, b]\noutput: o.csv\nfor: 8h\n');
    const { task, inputs, settings } = await load(run);
    expect({ task, inputs }).toEqual({ task: 'caption', inputs: ['a', 'b'] });
    expect(settings.forMs).toBe(28_800_000);
  });

  it('needs both, and is held to its task', async () => {
    await write('run.yaml', 'output: o.csv\n');
    expect(await problems(run)).toEqual([
      'task: Expected ocr|caption|ask|compare|classify|extract|FILE, got none',
      'inputs: Expected PATH, got none',
    ]);
    await write('run.yaml', 'task: ocrr\ninputs: x\noutput: o.csv\n');
    expect(await problems(run)).toEqual([
      expect.stringMatching(/^run\.yaml:1:7 task: .*"ocrr" - did you mean ocr \?$/),
    ]);
    await write('run.yaml', 'task: caption\ninputs: x\noutput: o.csv\nhost: cpu\n');
    expect(await problems(run)).toEqual([expect.stringContaining('run.yaml:4:7: Expected an Ollama server')]);
  });
});

describe('a task', () => {
  const named = (task: 'ask' | 'classify' | 'extract' | 'compare' | 'own', flags: Record<string, unknown> = {}) =>
    ({ command: task === 'own' ? 'task' : task, task, flags: { output: ['o.csv'], ...flags } }) as const;

  it.each([
    [named('ask'), '--question: Expected at least one question, got none'],
    [named('ask', { question: ['Who?', 'Who?'] }), '--question: Expected every question once, got "Who?" twice'],
    [named('ask', { question: ['Who?'], prompt: 'x' }), '--prompt: Expected the words of ask as --question'],
    [named('ask', { question: [' '] }), '--question: Expected text, got " "'],
    [named('classify'), '--labels: Expected labels to choose from, got none'],
    [
      named('classify', { labels: 'a,b', labelsColumn: 'kinds' }),
      '--labels: Expected labels or a column of labels, got both',
    ],
    [named('classify', { labels: 'a' }), '--labels: Expected two labels or more'],
    [named('classify', { labels: 'a,,b' }), '--labels: Expected labels none of which is empty, got "a,,b"'],
    [named('classify', { labels: 'a, b,a' }), '--labels: Expected every label once, got "a"'],
    [named('classify', { labels: '@gone.txt' }), '--labels: gone.txt cannot be read'],
    [named('extract'), '--schema: Expected a schema, got none'],
    [named('own', { prompt: 'x' }), "--prompt: Expected the prompt in the task's own file"],
    [named('compare', { csvDialect: 'same' }), '--csv-dialect: Expected one of default, table, got "same"'],
    [named('compare', { groupBy: 'size' }), '--group-by: Expected one of inputs, folder, stem, manifest, got "size"'],
    [named('compare', { prompt: '' }), '--prompt: Expected text, got ""'],
  ])('is refused without what it needs, and with what it cannot use: %j', async (options, problem) => {
    expect(await problems(options)).toEqual([expect.stringContaining(problem)]);
  });

  it('needs nothing that belongs to another one', async () => {
    const { settings } = await load(named('compare', {}));
    expect(settings).toMatchObject({ questions: [], labels: [], schema: null, groupBy: null, stitch: false });
  });

  it('takes its questions one by one, each from a file or not', async () => {
    await write('second.txt', 'Since when?\n');
    const { given } = await load(named('ask', { question: ['Who?', '@second.txt'] }));
    expect(given.questions).toEqual(['Who?', 'Since when?']);
    expect(await problems(named('ask', { question: ['Who?', '@gone.txt'] }))).toEqual([
      expect.stringContaining('--question: gone.txt cannot be read'),
    ]);
  });

  it('needs no labels where a column lists them', async () => {
    const { settings } = await load(named('classify', { labelsColumn: 'kinds' }));
    expect(settings).toMatchObject({ labels: [], labelsColumn: 'kinds' });
  });

  it('takes its labels from a list, the lines of a file, or YAML, where they may hold commas', async () => {
    await write('labels.txt', 'red, or pink\nblue\n');
    expect((await load(named('classify', { labels: ' red , blue' }))).given.labels).toEqual(['red', 'blue']);
    expect((await load(named('classify', { labels: '@labels.txt' }))).given.labels).toEqual(['red, or pink', 'blue']);
    await write('visionbatch.yaml', 'labels: ["a, b", 2024, c]\n');
    expect((await load(named('classify'))).settings.labels).toEqual(['a, b', '2024', 'c']);
  });
});

describe('a run file of an own task', () => {
  it.each(['./alt-text.yaml', 'tasks/alt', 'alt.ts', 'alt.mjs'])('names its file: %s', async (file) => {
    await write('run.yaml', `task: ${file}\ninputs: x\noutput: o.csv\n`);
    const { task, taskFile } = await load({ command: 'run', task: null, file: 'run.yaml' });
    expect({ task, taskFile }).toEqual({ task: 'own', taskFile: file });
  });

  it('is held to the rules of own tasks', async () => {
    await write('run.yaml', 'task: ./alt.yaml\ninputs: x\noutput: o.csv\nhost: cpu\n');
    expect(await problems({ command: 'run', task: null, file: 'run.yaml' })).toEqual([
      expect.stringContaining('Expected an Ollama server for a task of your own, got cpu'),
    ]);
  });

  it('is no `own`, and no other word', async () => {
    for (const task of ['own', 'alt', '/']) {
      await write('run.yaml', `task: ${task}\ninputs: x\noutput: o.csv\n`);
      expect(await problems({ command: 'run', task: null, file: 'run.yaml' })).toEqual([
        expect.stringContaining('or the file of a task such as ./my-task.yaml'),
      ]);
    }
  });
});
