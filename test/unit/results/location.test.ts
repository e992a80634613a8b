import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { networkName } from '../../../src/results/file-systems.js';
import { findStore, type LocateOptions, locateStore, neighbours, pointOutputs } from '../../../src/results/location.js';
import { aRunMeta } from '../../support/builders.js';
import { openTestStore, TestFolder } from './stores.js';

const EXT4 = 0xef53;
const NFS = 0x6969;

/** Machine `here`, started in `folder`, everything on a local disk. */
function options(folder: TestFolder, changes: Partial<LocateOptions>): LocateOptions {
  return {
    cwd: folder.path,
    userStateDir: folder.at('state'),
    machine: 'here',
    outputs: [folder.at('out.csv')],
    name: null,
    stateDir: null,
    fileSystemType: async () => EXT4,
    ...changes,
  };
}

/** A first start: locates, makes the store, points the outputs to it. */
async function start(folder: TestFolder, changes: Partial<LocateOptions>, runId = aRunMeta().runId): Promise<string> {
  const given = options(folder, changes);
  const { dir } = await locateStore(given);
  const store = await openTestStore(dir);
  await store.writeMeta(aRunMeta({ runId }));
  await store.close();
  await pointOutputs(given.outputs, { store: dir, machine: given.machine });
  return dir;
}

describe("a run's store", () => {
  it('lies beside the first output under its name', async () => {
    using folder = new TestFolder();
    const outputs = [folder.at('deep', 'a.csv'), folder.at('b.jsonl')];
    expect(await locateStore(options(folder, { outputs }))).toEqual({
      dir: folder.at('deep', '.visionbatch', 'a.csv'),
      name: 'a.csv',
      leftDisk: null,
    });
    expect(await locateStore(options(folder, { name: 'mine' }))).toMatchObject({
      dir: folder.at('.visionbatch', 'mine'),
      name: 'mine',
    });
  });

  it('lies in the working directory for stdout, and under --state where that is given', async () => {
    using folder = new TestFolder();
    const toStdout = await locateStore(options(folder, { outputs: ['-'] }));
    expect(toStdout.dir).toBe(folder.at('.visionbatch', 'stdout'));
    const elsewhere = await locateStore(options(folder, { stateDir: folder.at('else') }));
    expect(elsewhere.dir).toBe(folder.at('else', 'out.csv'));
  });

  it('is found again by any of its outputs, in any order, and by a renamed one with --name', async () => {
    using folder = new TestFolder();
    const outputs = [folder.at('out.csv'), folder.at('further', 'out.jsonl')];
    const dir = await start(folder, { outputs });
    for (const again of [outputs, outputs.toReversed(), outputs.slice(1), [...outputs, folder.at('new.jsonl')]]) {
      expect((await locateStore(options(folder, { outputs: again }))).dir).toBe(dir);
    }
    const renamed = await locateStore(options(folder, { outputs: [folder.at('new.csv')], name: 'out.csv' }));
    expect(renamed.dir).toBe(dir);
  });

  it('is found again after --state and --name were left out', async () => {
    using folder = new TestFolder();
    const dir = await start(folder, { stateDir: folder.at('else'), name: 'mine' });
    expect(dir).toBe(folder.at('else', 'mine'));
    expect((await locateStore(options(folder, {}))).dir).toBe(dir);
  });

  it('is refused with exit 2 where outputs belong to different runs', async () => {
    using folder = new TestFolder();
    await start(folder, { outputs: [folder.at('a.csv')] });
    await start(folder, { outputs: [folder.at('b.csv')] });
    const both = locateStore(options(folder, { outputs: [folder.at('a.csv'), folder.at('b.csv')] }));
    await expect(both).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(/a\.csv.*b\.csv/) });
    const renamed = locateStore(options(folder, { outputs: [folder.at('a.csv')], name: 'b.csv' }));
    await expect(renamed).rejects.toMatchObject({ exitCode: 2 });
  });

  it('starts anew where the store that an output points to was deleted', async () => {
    using folder = new TestFolder();
    const dir = await start(folder, { stateDir: folder.at('else') });
    rmSync(dir, { recursive: true });
    expect((await locateStore(options(folder, {}))).dir).toBe(folder.at('.visionbatch', 'out.csv'));
  });
});

describe('an output on a network disk', () => {
  const onNfs = async () => NFS;

  it('keeps its store in the user’s state directory and says why', async () => {
    using folder = new TestFolder();
    const location = await locateStore(options(folder, { fileSystemType: onNfs }));
    expect(location).toMatchObject({ name: 'out.csv', leftDisk: 'NFS' });
    expect(location.dir).toMatch(/\/state\/out\.csv-[0-9a-f]{12}$/);
    const namesake = options(folder, { fileSystemType: onNfs, outputs: [folder.at('other', 'out.csv')] });
    expect((await locateStore(namesake)).dir).not.toBe(location.dir);
  });

  it('is continued from the machine that has its store, and from no other', async () => {
    using folder = new TestFolder();
    const dir = await start(folder, { fileSystemType: onNfs });
    expect((await locateStore(options(folder, { fileSystemType: onNfs }))).dir).toBe(dir);
    const elsewhere = locateStore(options(folder, { fileSystemType: onNfs, machine: 'there' }));
    await expect(elsewhere).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`on here in ${dir}`),
    });
  });

  it('is told from a local one by the types of statfs(2), also where they are signed', () => {
    expect([0x6969, 0x65735546, 0x01021997, 0xff534d42, 0xff534d42 | 0].map(networkName)).toEqual([
      ...['NFS', 'FUSE', '9p', 'CIFS', 'CIFS'],
    ]);
    for (const local of [EXT4, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]) expect(networkName(local)).toBeNull();
  });
});

describe('RUN', () => {
  it('names a run by output, store folder or id', async () => {
    using folder = new TestFolder();
    const runId = '01890a5d-ac96-774b-bcce-b302099a8058';
    const dir = await start(folder, { outputs: [folder.at('out.csv'), folder.at('b', 'c.jsonl')] }, runId);
    const moved = await start(folder, { outputs: [folder.at('nfs.csv')], fileSystemType: async () => NFS });
    const places = options(folder, {});
    for (const run of ['out.csv', folder.at('b', 'c.jsonl'), '.visionbatch/out.csv', runId, runId.toUpperCase()]) {
      expect(await findStore(run, places)).toBe(dir);
    }
    expect(await findStore(aRunMeta().runId, places)).toBe(moved);
    await expect(findStore('none.csv', places)).rejects.toMatchObject({ exitCode: 2 });
    await expect(findStore('01890a5d-ac96-774b-bcce-000000000000', places)).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('neighbours', () => {
  it('are the other runs beside a store, also before it exists', async () => {
    using folder = new TestFolder();
    const first = await start(folder, { outputs: [folder.at('a.csv')] });
    mkdirSync(folder.at('.visionbatch', 'no-store'));
    symlinkSync('/nowhere', folder.at('.visionbatch', 'dangling'));
    const beside = await neighbours(folder.at('.visionbatch', 'b.csv'));
    expect(beside).toMatchObject([{ dir: first, meta: { runId: aRunMeta().runId } }]);
    expect(await neighbours(first)).toEqual([]);
  });
});
