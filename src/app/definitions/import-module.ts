import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';

export const MODULE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];

/** What createJiti needs to load a file: the same in the process that tries and in the one that uses it. */
export interface JitiSettings {
  readonly fsCache: false;
  readonly moduleCache: false;
  readonly interopDefault: false;
  readonly alias: Readonly<Record<string, string>>;
}

/** Loads a TypeScript or JavaScript file in this process, and gives what it exports. */
export async function importModule(path: string): Promise<unknown> {
  return await createJiti(path, settingsFor(path)).import(path);
}

/** A file of a user who has installed neither zod nor visionbatch beside it gets ours. */
export function settingsFor(path: string): JitiSettings {
  const ours = createRequire(import.meta.url);
  const theirs = createRequire(path);
  const library = fileURLToPath(new URL('../../index.js', import.meta.url));
  return {
    fsCache: false,
    moduleCache: false,
    // A zod type has a method named `default`, which an interop would take for the default export.
    interopDefault: false,
    alias: {
      ...(finds(theirs, 'zod') ? {} : { zod: dirname(ours.resolve('zod/package.json')) }),
      ...(finds(theirs, 'visionbatch') || !existsSync(library) ? {} : { visionbatch: library }),
    },
  };
}

/** Where jiti lies, for a process that has no other way to it. */
export function jitiPath(): string {
  return createRequire(import.meta.url).resolve('jiti');
}

function finds(require: NodeJS.Require, name: string): boolean {
  try {
    return require.resolve(name) !== '';
  } catch {
    return false;
  }
}
