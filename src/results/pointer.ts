import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { isStore } from './store-reader.js';

/** Folder beside an output that holds its run. */
export const HIDDEN_FOLDER = '.visionbatch';

const pointerSchema = z.object({
  schema: z.literal(1),
  /** Absolute path of the store. */
  store: z.string().min(1),
  /** Machine whose disk the store is on. */
  machine: z.string().min(1),
});

/** Where the run of an output is kept, as said by a file beside the output. */
export interface Pointer {
  readonly store: string;
  readonly machine: string;
}

/** Where a store of this name lies beside an output. */
export function besideOutput(output: string, name: string): string {
  return join(dirname(output), HIDDEN_FOLDER, name);
}

/** `out.csv` → `.visionbatch/out.csv.pointer.json`: no run's store has that name, as it would be an output's. */
function pointerPath(output: string): string {
  return besideOutput(output, `${basename(output)}.pointer.json`);
}

/** The run that an output belongs to: by its pointer, or by a store of its own name; null where it has none. */
export async function pointerOf(output: string, machine: string): Promise<Pointer | null> {
  const own = besideOutput(output, basename(output));
  const text = await readFile(pointerPath(output), 'utf8').catch(() => null);
  const parsed = text === null ? null : pointerSchema.safeParse(parseJson(text));
  if (parsed?.success === true) {
    const { store, machine: home } = parsed.data;
    // A pointer whose store was deleted on this very machine says nothing any more.
    if (home !== machine || isStore(store)) return { store, machine: home };
  }
  return isStore(own) ? { store: own, machine } : null;
}

/** Writes an output's pointer, whole or not at all. */
export async function writePointer(output: string, pointer: Pointer): Promise<void> {
  const path = pointerPath(output);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, `${JSON.stringify({ schema: 1, ...pointer })}\n`);
  await rename(`${path}.${process.pid}`, path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
