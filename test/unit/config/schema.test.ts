import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../config/load.js';
import { SETTINGS, SUBJECTS } from '../../../config/schema.js';
import { envName, yamlKey } from '../../../config/setting.js';
import { exampleEnv } from '../../../config/write-example-env.js';
import { TASKS } from '../../../jobs/tasks/registry.js';

const CONFIG = join(import.meta.dirname, '../../../config');
const rows = Object.values(SETTINGS);

describe('the schema', () => {
  it('has every row under one subject', () => {
    const listed = SUBJECTS.flatMap((subject) => Object.keys(subject.rows));
    expect(listed.toSorted()).toEqual(Object.keys(SETTINGS).toSorted());
  });

  it('gives every setting a name and a letter of its own', () => {
    const names = rows.flatMap((row) => [`--${row.name}`, ...(row.short === undefined ? [] : [`-${row.short}`])]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('spells one name in three ways', () => {
    expect(yamlKey(SETTINGS.silenceTimeoutMs)).toBe('silenceTimeout');
    expect(envName(SETTINGS.silenceTimeoutMs)).toBe('VISIONBATCH_SILENCE_TIMEOUT');
  });

  it.each(rows.filter((row) => row.defaultIs === undefined))('reads back the shown default of --$name', (row) => {
    expect(row.kind.type.parse(row.kind.show(row.default as never))).toEqual(row.default);
  });
});

describe('the flags of the tasks', () => {
  const commandsOf = (name: string) => rows.find((row) => row.name === name)?.commands;

  it('are known where they mean something', () => {
    expect(commandsOf('labels')).toEqual(['classify', 'run']);
    expect(commandsOf('question')).toEqual(['ask', 'run']);
    expect(commandsOf('schema')).toEqual(['extract', 'run']);
    expect(commandsOf('lang')).toEqual(['ocr', 'run']);
    for (const name of ['ask', 'task']) expect(commandsOf('prompt')).not.toContain(name);
  });

  it('tell the longest answer of every task as it is', () => {
    const told = SETTINGS.maxTokens.defaultIs ?? '';
    const length = (name: string) => new RegExp(`\\b${name}\\b[^\\d]*(\\d+)`).exec(told)?.[1];
    for (const { name, defaultMaxTokens } of Object.values(TASKS))
      expect([name, length(name)]).toEqual([name, String(defaultMaxTokens)]);
  });
});

describe('the examples', async () => {
  const files = (await readdir(join(CONFIG, 'examples'))).filter((name) => name.endsWith('.yaml'));

  it.each(files)('%s can be run as it is', async (name) => {
    const file = join(CONFIG, 'examples', name);
    const env = { GPU1_KEY: 'one', GPU2_PASSWORD: 'two' };
    const loaded = await loadSettings({ command: 'run', task: null, flags: {}, env, file, cwd: CONFIG });
    expect(loaded.task).not.toBeNull();
    expect(loaded.inputs).not.toEqual([]);
  });

  it('cover one machine, several, Redis, doors and no server', () => {
    expect(files.toSorted()).toEqual([
      'behind-doors.yaml',
      'cpu.yaml',
      'local.yaml',
      'redis-fleet.yaml',
      'two-gpus.yaml',
    ]);
  });
});

describe('example.env', () => {
  it('is what "npm run env-example" would write', async () => {
    expect(await readFile(join(CONFIG, 'example.env'), 'utf8')).toBe(exampleEnv());
  });
});
