import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { ExitError } from '../../../../src/core/exit.js';

/** A folder of a user's files, gone when the test ends. */
export interface AFolder extends AsyncDisposable {
  readonly path: string;
}

export async function aFolder(files: Readonly<Record<string, string>>): Promise<AFolder> {
  const path = await mkdtemp(join(tmpdir(), 'visionbatch-definitions-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** What a load is refused with: always exit 2. */
export async function refusal(load: Promise<unknown>): Promise<ExitError> {
  const thrown: unknown = await load.then(
    (value) => new Error(`Expected a refusal, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(thrown instanceof ExitError)) throw thrown;
  expect(thrown.exitCode).toBe(2);
  return thrown;
}
