import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SlotMemory } from '../../workers/hosts/readiness.js';
import { messageOf } from '../core/errors.js';
import type { Logger } from '../core/telling.js';
import type { Io } from './io.js';

const schema = z.record(z.string(), z.record(z.string(), z.number().int().positive()));

/**
 * Remembers, in the user's state folder, how many slots each host was found to have for each model: the next search
 * begins there. Only a guess: a file that cannot be read or written costs a longer search and nothing else.
 */
export function createSlotMemory({ surroundings }: Io, logger: Logger): SlotMemory {
  const file = path.join(surroundings.stateHome, 'visionbatch', 'slots.json');
  return {
    recall: (host, model) => read(file)[host]?.[model ?? ''] ?? null,
    remember: (host, model, slots) => {
      const known = read(file); // other processes write it too
      if (known[host]?.[model ?? ''] === slots) return;
      try {
        write(file, { ...known, [host]: { ...known[host], [model ?? '']: slots } });
      } catch (error) {
        logger.debug(`${file} could not be written: ${messageOf(error)}`);
      }
    },
  };
}

function read(file: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

function write(file: string, known: z.infer<typeof schema>): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(known, null, 2)}\n`);
  renameSync(draft, file);
}
