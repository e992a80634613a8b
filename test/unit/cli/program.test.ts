import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { surroundingsOf } from '../../../config/surroundings.js';
import { COMMANDS } from '../../../src/cli/commands.js';
import { reportFailure } from '../../../src/cli/failed.js';
import { runCli } from '../../../src/cli/program.js';
import { inFull } from '../../../src/cli/setting-options.js';
import { ExitError } from '../../../src/core/exit.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'visionbatch-cli-'));
});
afterEach(() => rm(cwd, { recursive: true }));

/** A stream that keeps what is written to it. */
function aStream(): { stream: NodeJS.WriteStream; text(): string } {
  const stream = new PassThrough();
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => String(stream.read() ?? '') };
}

async function cli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [out, err] = [aStream(), aStream()];
  const io = {
    cwd,
    stdout: out.stream,
    outliveStdout: () => new AbortController().signal,
    abandonStdout: () => {},
    stderr: err.stream,
    version: '1.2.3',
    stdin: () => Readable.from([]),
    surroundings: surroundingsOf(env),
  };
  const code = await runCli({ args, env, io });
  return { code, stdout: out.text(), stderr: err.text() };
}

describe('help', () => {
  it.each([[['--help']], [['help']]])('opens with examples and ends with exit codes: %j', async (args) => {
    const { code, stdout, stderr } = await cli(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Examples:\n {2}visionbatch ocr /);
    expect(stdout).toContain('130  stopped by Ctrl-C');
    expect(stderr).toBe('');
  });

  it.each(COMMANDS.map(({ name }) => name))('of %s opens with examples', async (name) => {
    const { code, stdout } = await cli(name === 'config' ? ['config', 'show', '--help'] : [name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Examples:\n {2}visionbatch ${name} `));
  });

  it('lists flags by subject, with default and variable', async () => {
    const { stdout } = await cli(['help', 'ocr']);
    expect(stdout).toMatch(/Limits:\n.*--connect-timeout <TIME>.*default: 5s;\s+env:\s+VISIONBATCH_CONNECT_TIMEOUT/s);
    expect(stdout).toContain('--no-blank-check');
    expect(stdout).not.toMatch(/--no-(?!blank-check)/);
    expect(stdout).not.toMatch(/^Options:/m);
  });

  it('goes to stderr, with exit code 2, where nothing was asked', async () => {
    const { code, stdout, stderr } = await cli([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: visionbatch');
  });
});

describe('a wrong command line', () => {
  it.each([
    [['orc', 'x'], 'Did you mean ocr?'],
    [['ocr', 'x', '--lagn', 'deu'], 'Did you mean --lang?'],
    [['ocr'], "missing required argument 'inputs'"],
    [['ocr', 'x', '-o'], 'argument missing'],
    [['config', 'shwo'], 'Did you mean show?'],
    [['status', 'a', 'b'], 'too many arguments'],
  ])('%j exits 2 and helps', async (args, hint) => {
    const { code, stdout, stderr } = await cli(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(hint);
  });

  it('lists every problem of the settings on a line of its own', async () => {
    const { code, stderr } = await cli(['ocr', 'x', '-o', 'a.txt', '--limit', '-1', '--host', 'gpu2']);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      'error: --output: Expected a path that ends in .jsonl or .csv, or -, got "a.txt"',
      'error: --limit: Expected a whole number, 1 or more, got "-1"',
      'error: --host: Expected a URL such as http://gpu1:11434, or cpu, got "gpu2" - did you mean http://gpu2:11434 ?',
    ]);
  });
});

describe('config show', () => {
  it('names the origin of every value, and no password', async () => {
    await writeFile(join(cwd, 'visionbatch.yaml'), 'silenceTimeout: 90s\n');
    const env = { REDIS_URL: 'redis://u:hunter2@queue' };
    const { code, stdout } = await cli(['config', 'show', '--origin', '-o', 'a.csv', '-o', 'b.csv', '--bom'], env);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines).toContain('output: a.csv;b.csv\t--output');
    expect(lines).toContain('bom: true\t--bom');
    expect(lines).toContain('silenceTimeout: 1m30s\tvisionbatch.yaml:1:17');
    expect(lines).toContain('redis: redis://u:***@queue\tREDIS_URL');
    expect(lines).toContain('attempts: 4\tdefault');
    expect(stdout).not.toContain('hunter2');
  });

  it('prints the same as JSON', async () => {
    const { stdout } = await cli(['config', 'show', '--json', '--no-bom'], { VISIONBATCH_LANG: 'deu' });
    expect(JSON.parse(stdout)).toMatchObject({
      schema_version: 1,
      settings: {
        lang: { value: 'deu', origin: 'environment', where: 'VISIONBATCH_LANG' },
        bom: { value: 'false', origin: 'flag', where: '--bom' },
      },
    });
  });

  it('explains a flag whose value is left out', async () => {
    const { stdout } = await cli(['config', 'show', '--retry-failed', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ settings: { retryFailed: { value: 'all', where: '--retry-failed' } } });
  });
});

describe('a flag whose value may be left out', () => {
  it('does not take the next input for it', () => {
    expect(inFull(['ocr', '--retry-failed', './scans', '--', '--retry-failed'])).toEqual([
      'ocr',
      '--retry-failed=all',
      './scans',
      '--',
      '--retry-failed',
    ]);
    expect(inFull(['ocr', '--retry-failed=ANSWER_EMPTY'])).toEqual(['ocr', '--retry-failed=ANSWER_EMPTY']);
  });
});

describe('the end of a command', () => {
  const tell = (thrown: unknown, withStack = false) => {
    const { stream, text } = aStream();
    return { code: reportFailure(thrown, { stderr: stream, version: '1.2.3', withStack }), said: text() };
  };

  it('has the code, the sentence and the fix of what went wrong', () => {
    expect(tell(new ExitError(6, 'The run is locked.', { fix: 'wait for it' }))).toEqual({
      code: 6,
      said: 'error: The run is locked.\nfix: wait for it\n',
    });
  });

  it('is a bug of ours where nobody expected it, with the stack only when asked for', () => {
    const bug = new Error('x is undefined');
    const { code, said } = tell(bug);
    expect(code).toBe(70);
    expect(said).toContain('this is a bug of visionbatch 1.2.3: x is undefined');
    expect(said).not.toContain(import.meta.filename);
    expect(tell(bug, true).said).toContain(import.meta.filename);
  });
});
