import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parquetCells } from '../../../../src/inputs/tables/parquet-cells.js';
import { ChildLost, createParquetChild } from '../../../../src/inputs/tables/parquet-child/child.js';
import { itemsIn, temporaryFolder } from '../folders.js';
import { parquet } from './tables.js';

const URLS = Array.from({ length: 300 }, (_, at) => `http://a/${at % 3}.jpg`);

/** A file whose first run of values says that it has a thousand million. */
function endless(): Buffer {
  const whole = parquet([{ name: 'url', data: URLS }], { codec: 'UNCOMPRESSED' });
  const run = whole.indexOf(Buffer.from('024d2449', 'hex')); // two bits a value, and the head of the run
  expect(run).toBeGreaterThan(0);
  Buffer.from('feffffff0701', 'hex').copy(whole, run + 1);
  return whole;
}

describe('a Parquet file whose reader does not return', () => {
  it('is refused while other work goes on, and other files are read', async () => {
    await using folder = await temporaryFolder();
    folder.writeAs('bad.parquet', endless());
    folder.writeAs('good.parquet', parquet([{ name: 'url', data: URLS }]));
    const manifests = { parquet: createParquetChild({ timeoutMs: 1_000 }) };
    let isDone = false;
    let turns = 0;
    const refused = itemsIn(folder.path, ['bad.parquet'], { manifests })
      .catch((error: unknown) => error)
      .finally(() => {
        isDone = true;
      });
    const read = itemsIn(folder.path, ['good.parquet']);
    for (; !isDone; turns += 1) await setImmediate();
    expect(await refused).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /^bad\.parquet: .* cannot be read: it(?: took longer than 1 s|s reader broke down \(SIG\w+\))\./,
      ),
    });
    expect(turns).toBeGreaterThan(1_000);
    expect(await read).toHaveLength(300);
  });

  it('is given up after a time', async () => {
    await using folder = await temporaryFolder();
    const pipe = path.join(folder.path, 'l.parquet');
    execFileSync('mkfifo', [pipe]);
    await expect(createParquetChild({ timeoutMs: 100 }).open(pipe)).rejects.toThrow('it took longer than 0.1 s');
  });

  it.each(['IMAGE_UNREADABLE', 'UNEXPECTED'] as const)('fails the images of its group at once: %s', async (code) => {
    const id = { path: import.meta.filename, size: 0, mtimeMs: 0, inode: 0 };
    const asked: number[] = [];
    const read = parquetCells({
      open: async () => ({
        id,
        columns: [],
        groups: [
          { start: 0, rows: 2 },
          { start: 2, rows: 2 },
        ],
      }),
      rows: async () => [],
      image: async (_, { row }) => {
        asked.push(row);
        throw new ChildLost(code, 'it took longer than 60 s');
      },
    });
    const table = { path: id.path, stats: statSync(id.path) };
    for (const row of [0, 1, 2]) {
      const cell = { table: 'parquet', tableBytes: 0, column: 'image', row } as const;
      await expect(read(table, cell)).rejects.toMatchObject({
        code,
        sentence: 'This part of the Parquet file cannot be read: it took longer than 60 s.',
      });
    }
    expect(asked).toEqual([0, 2]);
  });
});
