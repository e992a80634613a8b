import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { folderPrefix } from '../../../../src/inputs/spool/leftovers.js';
import { spooled } from '../../../../src/inputs/spool/spooled.js';
import { temporaryFolder } from '../folders.js';

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(1_000);
}

async function* words(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a.jpg\n');
}

const LIST = { name: 'list', noun: 'list', maxBytes: 10_000 };

describe('what comes on stdin', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('lies in a temporary file until it is disposed of', async () => {
    await using room = await temporaryFolder();
    vi.stubEnv('TMPDIR', room.path);
    const file = await spooled(words(), LIST);
    expect(readFileSync(file.path, 'utf8')).toBe('a.jpg\n');
    await file[Symbol.asyncDispose]();
    expect(readdirSync(room.path)).toEqual([]);
  });

  it('is refused where it does not end, and where there is no room', async () => {
    await using room = await temporaryFolder();
    vi.stubEnv('TMPDIR', room.path);
    await expect(spooled(endless(), LIST)).rejects.toMatchObject({
      exitCode: 2,
      message: 'Expected a list of at most 10000 bytes on stdin, got a larger one.',
    });
    expect(readdirSync(room.path)).toEqual([]);
    vi.stubEnv('TMPDIR', '/nowhere');
    await expect(spooled(words(), LIST)).rejects.toMatchObject({ exitCode: 3, fix: expect.stringContaining('TMPDIR') });
  });

  it('finds the leftovers of killed processes removed, and nothing else', async () => {
    await using room = await temporaryFolder();
    vi.stubEnv('TMPDIR', room.path);
    const { pid: gone } = spawnSync(process.execPath, ['--version']);
    const own = folderPrefix();
    const folders = {
      ofKilled: own.replace(`-${process.pid}-`, `-${gone}-`),
      ofThis: own,
      ofParent: own.replace(`-${process.pid}-`, `-${process.ppid}-`),
      ofOtherMachine: `visionbatch-${gone}-elsewhere-`,
    };
    for (const name of Object.values(folders)) {
      mkdirSync(path.join(room.path, `${name}abc123`));
      writeFileSync(path.join(room.path, `${name}abc123`, 'list'), 'x');
    }
    await using _ = await spooled(words(), LIST);
    const left = readdirSync(room.path).filter((name) => name.endsWith('abc123'));
    const { ofKilled, ...others } = folders;
    expect(left.toSorted()).toEqual(
      Object.values(others)
        .map((name) => `${name}abc123`)
        .toSorted(),
    );
  });
});
