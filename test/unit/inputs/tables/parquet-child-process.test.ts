import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createParquetChild } from '../../../../src/inputs/tables/parquet-child/child.js';
import { temporaryFolder } from '../folders.js';
import { parquet, pngLike } from './tables.js';

const IMAGES = ['a', 'b', 'c'].map((text) => pngLike(text));

/** The processes that are started from here on; `onStart` is called once each has its number. */
function started(onStart: (child: ChildProcess) => void = () => {}) {
  const children: ChildProcess[] = [];
  const hear = async (message: unknown): Promise<void> => {
    const { process: child } = message as { readonly process: ChildProcess };
    children.push(child);
    await setImmediate();
    onStart(child);
  };
  subscribe('child_process', hear);
  return { children, [Symbol.dispose]: () => unsubscribe('child_process', hear) };
}

async function someTable() {
  const folder = await temporaryFolder();
  folder.writeAs('l.parquet', parquet([{ name: 'image', data: IMAGES, type: 'BYTE_ARRAY' }]));
  const file = path.join(folder.path, 'l.parquet');
  return { file, folder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('the process that reads Parquet files', () => {
  it('is replaced once where somebody ends it', async () => {
    await using table = await someTable();
    using all = started((child) => all.children.length === 1 && child.kill('SIGKILL'));
    const { columns } = await createParquetChild().open(table.file);
    expect(columns.map(({ name }) => name)).toEqual(['image']);
    expect(all.children).toHaveLength(2);
  });

  it.each([
    ['SIGKILL', 'UNEXPECTED', 'its reader was ended by something else (SIGKILL)'],
    ['SIGSEGV', 'IMAGE_UNREADABLE', 'its reader broke down (SIGSEGV)'],
  ] as const)('that ends by %s twice is told as %s', async (signal, code, sentence) => {
    await using table = await someTable();
    using all = started((child) => child.kill(signal));
    await expect(createParquetChild().open(table.file)).rejects.toMatchObject({ code, sentence });
    expect(all.children).toHaveLength(2);
  });

  it('finishes its work where all processes are told to end', async () => {
    await using table = await someTable();
    using all = started();
    const child = createParquetChild();
    const { id } = await child.open(table.file);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) all.children[0]?.kill(signal);
    expect(await child.image(id, { column: 'image', row: 1 })).toEqual(new Uint8Array(IMAGES[1] ?? []));
    expect(all.children).toHaveLength(1);
  });

  it('is let go without work', async () => {
    await using table = await someTable();
    using all = started();
    await createParquetChild({ idleMs: 1 }).open(table.file);
    const [child] = all.children;
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child?.signalCode).toBe('SIGKILL');
  });

  it('ends with the one that started it, in the middle of work', async () => {
    await using table = await someTable();
    const pipe = path.join(table.folder, 'endless.parquet');
    execFileSync('mkfifo', [pipe]);
    const source = pathToFileURL(path.resolve('src/inputs/tables/parquet-child/child.ts'));
    const script = path.join(table.folder, 'parent.mjs');
    writeFileSync(
      script,
      `import { subscribe } from 'node:diagnostics_channel';
       import { createParquetChild } from ${JSON.stringify(source)};
       let pid;
       subscribe('child_process', ({ process: child }) => setImmediate(() => { pid = child.pid; }));
       const child = createParquetChild();
       const { id } = await child.open(${JSON.stringify(table.file)});
       child.rows({ ...id, path: ${JSON.stringify(pipe)} }, { from: 0, images: [0], carried: [] });
       setTimeout(() => process.stdout.write(String(pid), () => process.kill(process.pid, 'SIGKILL')));`,
    );
    const parent = spawnSync(process.execPath, ['--import', path.resolve('test/support/typescript.mjs'), script]);
    expect(parent.signal).toBe('SIGKILL');
    while (isRunning(Number(parent.stdout))) await sleep(50);
  });
});

/** A process that has ended may stay listed until somebody asks how. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}
