import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROJECT = join(import.meta.dirname, '../..');
const MAIN = join(PROJECT, 'dist/src/cli/main.js');

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'visionbatch-cli-'));
});
afterEach(() => rm(cwd, { recursive: true }));

interface Started {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where stdout goes instead of to us. */
  readonly stdout?: number;
  /** Closes our end of stdout before anything was written. */
  readonly deaf?: boolean;
}

/** The built command, in an environment without settings. */
async function cli({ args, env = {}, stdout, deaf = false }: Started) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  if (deaf) child.stdout?.destroy();
  const [said, told] = [deaf || !child.stdout ? '' : text(child.stdout), child.stderr ? text(child.stderr) : ''];
  return { code: await ended, stdout: await said, stderr: await told };
}

describe('the built command', () => {
  it('prints the version of package.json', async () => {
    const { version } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
    expect(await cli({ args: ['--version'] })).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('opens its help with examples', async () => {
    const { code, stdout } = await cli({ args: ['--help'] });
    expect([code, stdout.slice(0, 9)]).toEqual([0, 'Examples:']);
  });

  it('suggests what was meant, and exits 2', async () => {
    const { code, stdout, stderr } = await cli({ args: ['ocr', '.', '-o', 'x.csv', '--silence-timout', '9s'] });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Did you mean --silence-timeout?');
  });

  it('tells every problem of file, environment and flags at once, and exits 2', async () => {
    await writeFile(join(cwd, 'visionbatch.yaml'), 'lang: deu\nlimt: 3\n');
    const { code, stderr } = await cli({
      args: ['ocr', '.', '-o', 'x.csv', '--attempts', '0'],
      env: { VISIONBATCH_SEED: 'x' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('visionbatch.yaml:2:1 limt: no such setting - did you mean limit ?');
    expect(stderr).toContain('VISIONBATCH_SEED: Expected');
    expect(stderr).toContain('--attempts: Expected');
  });

  it('refuses captions on the built-in OCR before it looks at anything', async () => {
    const { code, stderr } = await cli({ args: ['caption', 'nowhere', '-o', 'x.csv', '--host', 'cpu'] });
    expect(code).toBe(2);
    expect(stderr).toContain('Expected an Ollama server for caption, got cpu');
  });

  it('writes data to stdout and nothing to stderr', async () => {
    const { code, stdout, stderr } = await cli({ args: ['config', 'show', '--json'] });
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toHaveProperty('settings.model.value', '');
  });

  it('ends well when nobody reads its output any more', async () => {
    expect(await cli({ args: ['config', 'show'], deaf: true })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.skipIf(!existsSync('/dev/full'))('exits 5 where stdout is a full disk', async () => {
    await using disk = await open('/dev/full', 'w');
    const { code, stderr } = await cli({ args: ['config', 'show'], stdout: disk.fd });
    expect(code).toBe(5);
    expect(stderr).toContain('stdout cannot be written');
  });
});
