import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { EXIT, ExitError } from '../../core/exit.js';
import { isJsonSchema } from '../../core/json-schema.js';
import { importModule, MODULE_EXTENSIONS } from './import-module.js';
import { tryModule } from './try-module.js';

/** How long a user's module may take to load. */
export interface LoadLimit {
  readonly timeoutMs: number;
}

export const LOAD_LIMIT: LoadLimit = { timeoutMs: 10_000 };

/**
 * What a user's TypeScript or JavaScript file exports, by name. It is first loaded in a process of its own, which is
 * killed at the limit, and only then in this one. What it prints goes nowhere. Throws ExitError 2 for a file that is
 * missing, wrong, throws, exits, runs on, or leaves something running.
 */
export async function loadModule(
  file: string,
  cwd: string,
  limit: LoadLimit = LOAD_LIMIT,
): Promise<Record<string, unknown>> {
  const path = resolve(cwd, file);
  await readDefinition(file, cwd);
  const { problem } = await tryModule(path, limit.timeoutMs);
  if (problem !== null) throw unusable(file, problem);
  try {
    const exported = await silently(() => importModule(path));
    return isJsonSchema(exported) ? { ...exported } : { default: exported };
  } catch (error) {
    throw unusable(file, error instanceof Error ? error.message : String(error), error);
  }
}

/** Whether a file is a module, by its extension. */
export function isModule(file: string): boolean {
  return MODULE_EXTENSIONS.includes(extname(file).toLowerCase());
}

/** The text of a user's file. Throws ExitError 2 where it cannot be read. */
export async function readDefinition(file: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') throw unusable(file, 'there is no such file', error);
    if (code === 'EISDIR') throw unusable(file, 'Expected a file, got a folder', error);
    throw unusable(file, error instanceof Error ? error.message : String(error), error);
  }
}

/** The error for a user's file that cannot be used. */
export function unusable(file: string, problem: string, cause?: unknown): ExitError {
  return new ExitError(EXIT.usage, `${file}: ${problem}`, { cause });
}

/** Data alone goes to stdout, and a module may print while it loads. */
async function silently<T>(load: () => Promise<T>): Promise<T> {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) stream.write = () => true;
  try {
    return await load();
  } finally {
    streams.forEach((stream, index) => {
      stream.write = writes[index] ?? stream.write;
    });
  }
}
