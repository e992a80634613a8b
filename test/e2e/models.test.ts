import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { endsWith, startStage } from '../support/runs.js';

const NO_EYES = { name: 'words', capabilities: ['completion'] } as const;

describe('a command without --model', () => {
  it('takes the only vision model and names it', async () => {
    await using stage = await startStage({ items: 2, hosts: [{ models: [{ name: 'looker' }, NO_EYES] }] });
    const { stderr } = await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(stderr).toContain('looker');
    expect((await readRows(stage.folder.at('out.jsonl'))).map(({ model }) => model)).toEqual([
      'looker:latest',
      'looker:latest',
    ]);
  });

  it('exits 2 with the list and a command where there are several', async () => {
    await using stage = await startStage({
      items: 2,
      hosts: [{ models: [{ name: 'a' }] }, { models: [{ name: 'b' }] }],
    });
    const { stderr } = await endsWith(2, stage.ocr('-o', 'out.jsonl'));
    expect(stderr).toContain('a:latest, b:latest');
    expect(stderr).toContain('--model a');
    expect(await stage.ollama.stats()).toMatchObject([{ asks: 0 }, { asks: 0 }]);
  });

  it('exits 3 with the line that pulls one where there is none', async () => {
    await using stage = await startStage({ items: 2, hosts: [{ models: [NO_EYES] }] });
    const { stderr } = await endsWith(3, stage.ocr('-o', 'out.jsonl'));
    expect(stderr).toContain('ollama pull');
  });
});

describe('caption', () => {
  it('asks for a sentence and writes it as text', async () => {
    await using stage = await startStage({ items: 3, hosts: [{ slots: 2 }] });
    await endsWith(0, stage.cli(['caption', 'scans', '-o', 'out.jsonl', '-o', 'out.csv', ...stage.hostFlags]));
    const rows = await readRows(stage.folder.at('out.jsonl'));
    expect(rows).toHaveLength(3);
    for (const row of rows)
      expect(row).toMatchObject({ task: 'caption', status: 'ok', text: expect.stringMatching(/\w/) });
    const requests = await stage.ollama.requests(0);
    expect(JSON.stringify(requests)).toContain('Describe this image in one clear sentence');
  });
});

describe('--pull', () => {
  it('brings the model onto the hosts that lack it while the others serve, and names the host without room', async () => {
    const gemma = [{ name: 'gemma3', sizeBytes: 5e9 }];
    await using stage = await startStage({
      items: 40,
      hosts: [
        { models: gemma, serviceMs: 100 },
        { models: [], registry: gemma, pullMs: 60, serviceMs: 100 },
        { models: [], registry: gemma, diskFreeBytes: 1e9 },
      ],
    });
    const { stderr } = await endsWith(0, stage.ocr('-o', 'out.jsonl', '--model', 'gemma3', '--pull'));
    expect(stderr).toContain(`${stage.ollama.urls[1]} pulls gemma3.`);
    expect(stderr).toContain(`${stage.ollama.urls[1]} has gemma3 now (5.0 GB)`);
    expect(stderr).toMatch(/has no room on its disk for gemma3 .*ollama rm/);
    expect((await stage.ollama.stats()).map(({ asks }) => asks > 0)).toEqual([true, true, false]);
  });

  it('begins a run with a model that no host had, and exits 3 where there is none of that name', async () => {
    await using stage = await startStage({ items: 1, hosts: [{ models: [], registry: [{ name: 'gemma3' }] }] });
    const { stderr } = await endsWith(3, stage.ocr('-o', 'none.jsonl', '--model', 'gema3', '--pull'));
    expect(stderr).toContain('finds no model gema3 to pull');
    await endsWith(0, stage.ocr('-o', 'out.jsonl', '--model', 'gemma3', '--pull'));
  });
});

describe('hosts with different versions of the model', () => {
  const [one, other] = ['1'.repeat(64), '2'.repeat(64)];

  it('serve together with --allow-mixed, and each row says which version answered', async () => {
    await using stage = await startStage({
      items: 40,
      hosts: [one, other].map((digest) => ({ models: [{ name: 'gemma3', digest }], serviceMs: 60 })),
    });
    const { stderr } = await endsWith(0, stage.ocr('-o', 'out.jsonl', '--allow-mixed'));
    expect(stderr).toMatch(/its model has digest [12]{12}, the run began with [12]{12}/);
    const rows = await readRows(stage.folder.at('out.jsonl'));
    const versionOf = new Map(stage.ollama.urls.map((url, at) => [url, [one, other][at]]));
    expect(rows.filter(({ host, model_digest }) => model_digest !== versionOf.get(String(host)))).toEqual([]);
    expect(new Set(rows.map((row) => row.model_digest)).size).toBe(2);
  });

  it('leave the run to the one that still has its own, and --on-change decides where none has', async () => {
    await using stage = await startStage({
      items: 2,
      hosts: [one, other].map((digest) => ({ models: [{ name: 'gemma3', digest }] })),
    });
    const on = (at: number) => stage.hostFlags.slice(2 * at, 2 * at + 2);
    const read = (...flags: readonly string[]) => stage.cli(['ocr', 'scans', '-o', 'out.jsonl', ...flags]);
    const digests = async () => (await readRows(stage.folder.at('out.jsonl'))).map((row) => row.model_digest);
    await endsWith(0, read(...on(0)));
    await endsWith(0, read(...on(0), ...on(1), '--on-change', 'redo')); // the first one is there: nothing has changed
    expect(await digests()).toEqual([one, one]);
    const { stderr } = await endsWith(2, read(...on(1), '--host', 'http://127.0.0.1:9', '--redo'));
    expect(stderr).toContain('--on-change keep');
    await endsWith(0, read(...on(1), '--on-change', 'redo'));
    expect(await digests()).toEqual([other, other]);
  });
});

it('sends images to a model in a cloud with --allow-remote, and says so', async () => {
  await using stage = await startStage({
    items: 1,
    hosts: [{ models: [{ name: 'big', remoteHost: 'https://cloud.example' }] }],
  });
  const { stderr } = await endsWith(0, stage.ocr('-o', 'out.jsonl', '--model', 'big', '--allow-remote'));
  expect(stderr).toContain('big runs at https://cloud.example');
});

describe('visionbatch models', () => {
  it('lists what each host has, what is the same on all, and why a host does not answer', async () => {
    const own = { name: 'qwen3-vl', family: 'qwen3vl', parameterSize: '8.8B', sizeBytes: 6.1e9 };
    await using stage = await startStage({
      items: 0,
      hosts: [{ models: [{ name: 'gemma3' }, own, NO_EYES] }, { models: [{ name: 'gemma3' }] }],
    });
    const hosts = [...stage.hostFlags, '--host', 'http://127.0.0.1:9'];
    const { stdout } = await endsWith(0, stage.cli(['models', ...hosts]));
    expect(stdout).toMatch(/qwen3-vl:latest +6\.1 GB +7177656e332d +8\.8B +131072 +1 \(always\)/);
    expect(stdout).toContain('http://127.0.0.1:9  does not answer: HOST_UNREACHABLE');
    expect(stdout).toContain('The same on all 2 that answer, of 3 hosts: gemma3:latest');
    expect(stdout).not.toContain('words');

    const json = JSON.parse((await endsWith(0, stage.cli(['models', '--json', ...hosts]))).stdout);
    expect(json).toMatchObject({
      schema_version: 1,
      same_everywhere: ['gemma3:latest'],
      hosts: [
        { version: '0.33.0', error: null, models: [{ slots: null, loaded: null, remote: null }, { slots: 1 }] },
        { models: [{ name: 'gemma3:latest', context_length: 131_072 }] },
        { version: null, error: { code: 'HOST_UNREACHABLE' }, models: [] },
      ],
    });
  });
});
