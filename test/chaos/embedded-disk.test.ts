import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { CLI } from '../support/cli.js';
import { writeImages } from '../support/images.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, hold, sameRows, startStage, undisturbed, until, untilAsked } from '../support/runs.js';

const SLOW = [{ slots: 2, serviceMs: 200 }] as const;

describe.concurrent('two commands with one output', () => {
  it('turns the second away with exit 6, naming the first, which is unharmed', async () => {
    await using stage = await startStage({ items: 40, hosts: SLOW });
    const expected = await undisturbed(stage);
    const first = stage.ocr('-o', 'out.jsonl');
    await untilAsked(stage.ollama, 4, first);
    await hold(stage.ollama);
    const second = await endsWith(6, stage.ocr('-o', 'out.jsonl'));
    expect(second.stderr).toContain(`process ${first.child.pid}`);
    await stage.ollama.clearFaults();
    await endsWith(0, first);
    expect(await sameRows(stage.folder.at('out.jsonl'))).toEqual(expected);
  });
});

describe.concurrent("the output's folder, removed while a run writes", () => {
  it('is made again with the store as it was, and the run ends with all rows', async () => {
    await using stage = await startStage({ items: 60, hosts: SLOW });
    const expected = await undisturbed(stage);
    const run = stage.ocr('-o', 'results/out.jsonl');
    await untilAsked(stage.ollama, 10, run);
    await rm(stage.folder.at('results'), { recursive: true });
    await hold(stage.ollama);
    await run.says(/removed/);
    await stage.ollama.clearFaults();
    await endsWith(0, run);
    expect(await sameRows(stage.folder.at('results/out.jsonl'))).toEqual(expected);

    await stage.ollama.reset();
    await endsWith(0, stage.ocr('-o', 'results/out.jsonl'));
    expect(await asksOf(stage.ollama)).toBe(0);
    expect(await sameRows(stage.folder.at('results/out.jsonl'))).toEqual(expected);
  });
});

describe.concurrent('a disk that is full', () => {
  it("ends the run with exit 5, leaves yesterday's output, and the same command continues once there is space", async () => {
    await using stage = await startStage({ items: 60, hosts: [{ slots: 4 }] });
    const { folder } = stage;
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    const yesterday = await readFile(folder.at('out.jsonl'));
    await writeImages(folder.at('scans/new'), 240);

    const { size } = await stat(folder.at('.visionbatch/out.jsonl/data.mdb'));
    const limited = `trap '' XFSZ; ulimit -f ${Math.ceil(size / 1_024) + 64}; exec "$@"`;
    const args = ['-c', limited, 'bash', process.execPath, CLI, 'ocr', 'scans', ...stage.hostFlags, '-o', 'out.jsonl'];
    const run = spawn('bash', args, { cwd: folder.path, stdio: ['ignore', 'ignore', 'pipe'] });
    const [stderr, [code]] = await Promise.all([text(run.stderr), once(run, 'close')]);
    expect(code, stderr).toBe(5);
    expect(stderr).toMatch(/error: .*cannot be written/);
    expect(stderr).toContain('the same command again');
    expect(await readFile(folder.at('out.jsonl'))).toEqual(yesterday);

    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(await readRows(folder.at('out.jsonl'))).toHaveLength(300);
  });
});

describe.concurrent('an input folder that is unmounted between two starts', () => {
  it("stops the run with exit 2 and leaves yesterday's output as it was, unless --allow-shrink", async () => {
    await using stage = await startStage({ items: 45 });
    const { folder, ollama } = stage;
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    const yesterday = await readFile(folder.at('out.jsonl'));

    await rename(folder.at('scans'), folder.at('mounted'));
    await endsWith(2, stage.ocr('-o', 'out.jsonl'));
    expect(await readFile(folder.at('out.jsonl'))).toEqual(yesterday);

    await mkdir(folder.at('scans'));
    const empty = await endsWith(2, stage.ocr('-o', 'out.jsonl'));
    expect(empty.stderr).toMatch(/held 45 items at the last start and holds none now/);
    expect(empty.stderr).toContain('--allow-shrink');
    expect(await readFile(folder.at('out.jsonl'))).toEqual(yesterday);

    await rm(folder.at('scans'), { recursive: true });
    await rename(folder.at('mounted'), folder.at('scans'));
    await Promise.all(stage.keys.slice(0, 21).map((key) => rm(folder.at('scans', key))));
    const fewer = await endsWith(2, stage.ocr('-o', 'out.jsonl'));
    expect(fewer.stderr).toContain('21 of 45 items that are done are gone');
    expect(await readFile(folder.at('out.jsonl'))).toEqual(yesterday);

    await ollama.reset();
    await endsWith(0, stage.ocr('-o', 'out.jsonl', '--allow-shrink'));
    expect((await readRows(folder.at('out.jsonl'))).map(({ id }) => id)).toEqual(stage.keys.slice(21));
    expect(await asksOf(ollama)).toBe(0);
  });
});

describe.concurrent('a run that is read while it runs', () => {
  it('shows its rows so far with --export-every, and never counts them as finished', async () => {
    await using stage = await startStage({ items: 30, hosts: SLOW });
    const run = stage.ocr('-o', 'out.jsonl', '--export-every', '1s');
    await untilAsked(stage.ollama, 6, run);
    await hold(stage.ollama);
    const rowsSoFar = async () => (await readRows(stage.folder.at('out.jsonl')).catch(() => [])).length;
    await until(async () => (await rowsSoFar()) > 0, 'rows so far');
    expect(await rowsSoFar()).toBeLessThan(30);
    const status = await endsWith(0, stage.cli(['status', 'out.jsonl', '--json']));
    expect(JSON.parse(status.stdout)).toMatchObject({ running: true, outputs: [{ finished: false }] });
    await stage.ollama.clearFaults();
    await endsWith(0, run);
    expect(await rowsSoFar()).toBe(30);
  });
});
