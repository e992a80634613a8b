import { PassThrough, Readable } from 'node:stream';
import { surroundingsOf } from '../../../config/surroundings.js';
import { runCli } from '../../../src/cli/program.js';
import type { Attempt } from '../../../src/core/ask.js';
import type { VisionRecord } from '../../../src/core/record.js';
import type { RunMeta } from '../../../src/results/run-meta.js';
import { aRunMeta } from '../../support/builders.js';
import { discoverAll, openTestStore, TestFolder } from '../results/stores.js';

/** A run that has found `keys` and has these records, each with these attempts. */
export interface StoredRun {
  readonly keys: readonly string[];
  readonly records: readonly VisionRecord[];
  readonly attempts?: readonly Attempt[];
  readonly meta?: Partial<RunMeta>;
}

/** How a command ended and what it said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with the store `run` in it. */
export async function storedRun({ keys, records, attempts = [], meta = {} }: StoredRun): Promise<TestFolder> {
  const folder = new TestFolder();
  const store = await openTestStore(folder.at('run'));
  await store.writeMeta(aRunMeta(meta));
  await discoverAll(store, keys);
  await store.put(records.map((record) => ({ record, attempts })));
  await store.close();
  return folder;
}

/** A command line in that folder, in this process. */
export async function cliIn(folder: TestFolder, ...args: readonly string[]): Promise<Said> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const io = {
    cwd: folder.path,
    stdout: out as unknown as NodeJS.WriteStream,
    outliveStdout: () => new AbortController().signal,
    abandonStdout: () => {},
    stderr: err as unknown as NodeJS.WriteStream,
    version: '0',
    stdin: () => Readable.from([]),
    surroundings: surroundingsOf({}),
  };
  const code = await runCli({ args, env: {}, io });
  return { code, stdout: String(out.read() ?? ''), stderr: String(err.read() ?? '') };
}
