import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { visionRecordSchema } from '../../src/core/record.js';
import { CLI } from '../support/cli.js';
import { tinyPng } from '../support/images.js';
import { startRedis } from '../support/redis.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, hold, sameRows, startStage, until, untilAsked } from '../support/runs.js';

const ITEMS = 12;
const FAST = [{ slots: 4 }] as const;

describe('outputs of one run', () => {
  it('may be more in a later start, or have another name with --name; neither asks anything again', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: FAST });
    const { folder, ollama } = stage;
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    await endsWith(0, stage.ocr('-o', 'out.jsonl', '-o', 'more/second.jsonl'));
    expect(await sameRows(folder.at('more/second.jsonl'))).toEqual(await sameRows(folder.at('out.jsonl')));

    const twin = await endsWith(2, stage.ocr('-o', 'renamed.jsonl'));
    expect(twin.stderr).toContain('--name out.jsonl');
    expect(twin.stderr).toContain('--fresh');
    await endsWith(0, stage.ocr('-o', 'renamed.jsonl', '--name', 'out.jsonl'));
    expect(await sameRows(folder.at('renamed.jsonl'))).toEqual(await sameRows(folder.at('out.jsonl')));
    await endsWith(0, stage.ocr('-o', 'renamed.jsonl'));
    expect(await asksOf(ollama)).toBe(ITEMS);
  });

  it('that point to different runs are exit 2, and both runs stay as they were', async () => {
    await using stage = await startStage({ items: 3, hosts: FAST });
    await endsWith(0, stage.ocr('-o', 'a.jsonl'));
    await endsWith(0, stage.ocr('-o', 'b.jsonl', '--prompt', 'Another.'));
    const { stderr } = await endsWith(2, stage.ocr('-o', 'a.jsonl', '-o', 'b.jsonl'));
    expect(stderr).toContain('outputs of several');
    expect(await asksOf(stage.ollama)).toBe(6);
  });
});

describe('a run that cannot begin', () => {
  const NOBODY = ['--host', 'http://127.0.0.1:1'] as const;

  it('touches nothing of a folder that lies where its store would', async () => {
    await using stage = await startStage({ items: 3, hosts: FAST });
    const place = ['-o', 'out.jsonl', '--state', '.', '--name', 'scans'];
    const { stderr } = await endsWith(2, stage.cli(['ocr', 'scans', ...place, ...NOBODY]));
    expect(stderr).toContain('--state DIR');
    for (const key of stage.keys) expect(existsSync(stage.folder.at('scans', key))).toBe(true);
    expect(await readdir(stage.folder.at('scans'))).toEqual(['d00']);
  });

  it('leaves no store behind', async () => {
    await using stage = await startStage({ items: 3, hosts: FAST });
    await endsWith(3, stage.cli(['ocr', 'scans', '-o', 'out.jsonl', ...NOBODY]));
    expect(existsSync(stage.folder.at('.visionbatch/out.jsonl'))).toBe(false);
  });

  it('forgets nothing with --fresh', async () => {
    await using stage = await startStage({ items: 3, hosts: FAST });
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    await endsWith(3, stage.cli(['ocr', 'scans', '-o', 'out.jsonl', '--fresh', ...NOBODY]));
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(await asksOf(stage.ollama)).toBe(3);
    await endsWith(0, stage.ocr('-o', 'out.jsonl', '--fresh'));
    expect(await asksOf(stage.ollama)).toBe(6);
  });
});

describe('a file that stands where the output goes', () => {
  it('is replaced with --overwrite only, where no run of ours wrote it or it was changed since', async () => {
    await using stage = await startStage({ items: 3, hosts: FAST });
    const { folder, ollama } = stage;
    await writeFile(folder.at('out.jsonl'), 'mine\n');
    await endsWith(5, stage.ocr('-o', 'out.jsonl'));
    expect(await readFile(folder.at('out.jsonl'), 'utf8')).toBe('mine\n');
    expect(await asksOf(ollama)).toBe(0);
    await endsWith(0, stage.ocr('-o', 'out.jsonl', '--overwrite'));
    expect(await readRows(folder.at('out.jsonl'))).toHaveLength(3);

    await writeFile(folder.at('out.jsonl'), 'edited\n');
    await endsWith(5, stage.ocr('-o', 'out.jsonl'));
    expect(await readFile(folder.at('out.jsonl'), 'utf8')).toBe('edited\n');
  });

  it("is yesterday's finished export to the byte while today's is not finished", async () => {
    await using stage = await startStage({ items: ITEMS, hosts: [{ slots: 1, serviceMs: 150 }] });
    const { folder, ollama } = stage;
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    const yesterday = await readFile(folder.at('out.jsonl'));
    for (let n = 0; n < 2 * ITEMS; n += 1)
      await writeFile(folder.at('scans', `new-${n}.png`), await tinyPng(1_000 + n));

    await ollama.reset();
    const run = stage.ocr('-o', 'out.jsonl', '--export-every', '1s');
    await untilAsked(ollama, 6, run);
    run.kill('SIGINT');
    await endsWith(130, run);
    expect(await readFile(folder.at('out.jsonl'))).toEqual(yesterday);

    const killed = stage.ocr('-o', 'out.jsonl');
    await untilAsked(ollama, ITEMS, killed);
    killed.kill('SIGKILL');
    await killed.end;
    expect(await readFile(folder.at('out.jsonl'))).toEqual(yesterday);
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(await readRows(folder.at('out.jsonl'))).toHaveLength(3 * ITEMS);
  });
});

describe('-o -', () => {
  it('streams rows and nothing else to stdout, those of earlier starts first', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: FAST });
    await endsWith(0, stage.ocr('-o', '-', '--limit', '5'));
    const { stdout } = await endsWith(0, stage.ocr('-o', '-'));
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => visionRecordSchema.parse(JSON.parse(line)).id);
    expect(ids.slice(0, 5).sort()).toEqual(stage.keys.slice(0, 5));
    expect([...ids].sort()).toEqual(stage.keys);
    expect(await asksOf(stage.ollama)).toBe(ITEMS);
  });

  it('ends well when its reader has seen enough, and goes on by the same command', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: [{ slots: 1, serviceMs: 100 }] });
    const command = [process.execPath, CLI, 'ocr', 'scans', '-o', '-', ...stage.hostFlags];
    const piped = spawn('bash', ['-c', `"$@" | head -1; exit "\${PIPESTATUS[0]}"`, 'bash', ...command], {
      cwd: stage.folder.path,
      env: { PATH: process.env.PATH, HOME: stage.folder.path },
    });
    const [[code], stdout, stderr] = await Promise.all([once(piped, 'close'), text(piped.stdout), text(piped.stderr)]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/EPIPE|bug of/);
    const again = await endsWith(0, stage.ocr('-o', '-'));
    expect(again.stdout.trimEnd().split('\n')).toHaveLength(ITEMS);
  });

  it('beside a file goes on without its reader, and the file gets every row', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: [{ slots: 1, serviceMs: 50 }] });
    const run = stage.ocr('-o', '-', '-o', 'out.jsonl');
    run.child.stdout?.once('data', () => run.child.stdout?.destroy());
    await endsWith(0, run);
    expect(await readRows(stage.folder.at('out.jsonl'))).toHaveLength(ITEMS);
  });

  it('that nobody reads does not keep a run from ending at SIGTERM, and loses nothing', async () => {
    await using stage = await startStage({ items: 300, hosts: [{ slots: 8, serviceMs: 20 }] });
    const command = [CLI, 'ocr', 'scans', '-o', '-', '-o', 'out.jsonl', '--drain-timeout', '1s', ...stage.hostFlags];
    const unread = spawn(process.execPath, command, {
      cwd: stage.folder.path,
      env: { PATH: process.env.PATH, HOME: stage.folder.path },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(unread, 'exit');
    await untilAsked(stage.ollama, 200); // more rows than a pipe holds
    await hold(stage.ollama);
    unread.kill('SIGTERM');
    expect(await exited).toEqual([143, null]);
    expect((await readRows(stage.folder.at('out.jsonl'))).length).toBeGreaterThan(150);
    await stage.ollama.clearFaults();
    const again = await endsWith(0, stage.ocr('-o', '-', '-o', 'out.jsonl'));
    expect(again.stdout.trimEnd().split('\n')).toHaveLength(300);
  });

  it('gives every row once on Redis, those too that wait there from the start before', async () => {
    await using redis = await startRedis();
    await using stage = await startStage({ items: ITEMS, hosts: [{ slots: 1, serviceMs: 100 }] });
    const shared = ['--redis', redis.url, '--model', 'tiny'];
    const worker = stage.cli(['worker', '--redis', redis.url, ...stage.hostFlags]);
    await worker.says(/waits for runs/);
    const killed = stage.cli(['ocr', 'scans', '-o', '-', ...shared]);
    await untilAsked(stage.ollama, 1, killed);
    killed.kill('SIGKILL');
    await killed.end;
    await until(async () => (await asksOf(stage.ollama)) === ITEMS, 'answers that nobody collects');
    const { stdout } = await endsWith(0, stage.cli(['ocr', 'scans', '-o', '-', ...shared]));
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => visionRecordSchema.parse(JSON.parse(line)).id);
    expect(ids.sort()).toEqual(stage.keys);
  });
});

describe('stderr', () => {
  it('may lose its reader: the run goes on', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: [{ slots: 1, serviceMs: 50 }] });
    const run = stage.ocr('-o', 'out.jsonl', '-v');
    run.child.stderr?.once('data', () => run.child.stderr?.destroy());
    await endsWith(0, run);
    expect(await readRows(stage.folder.at('out.jsonl'))).toHaveLength(ITEMS);
  });
});
