import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { VisionError } from '../../core/errors.js';
import { tookTooLong, unreadable } from '../formats/header.js';
import type { Rgba } from '../rgba.js';
import type { SvgLimits } from './draw.js';
import { readReply } from './reply.js';

/** Draws SVGs in processes: a few kilobytes of one can keep a decoder busy for hours, and no thread stops it. */
export interface SvgDrawer {
  /** @throws VisionError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE */
  draw(bytes: Uint8Array, limits: SvgLimits): Promise<Rgba>;
  /** Ends the processes; drawings under way fail. */
  close(): void;
}

const IS_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = fileURLToPath(new URL(`./entry${IS_SOURCE ? '.ts' : '.js'}`, import.meta.url));

/** Starts nothing before the first drawing. */
export function createSvgDrawer(): SvgDrawer {
  const closing = new AbortController();
  return {
    async draw(bytes, limits) {
      const child = childFor(limits, closing.signal);
      child.stdin?.on('error', () => {}); // of one that has ended already
      child.stdin?.end(bytes);
      try {
        return await rasterOf(child, limits);
      } catch (error) {
        // Says nothing of the file: it is asked again in the next start.
        if (closing.signal.aborted) throw new VisionError('UNEXPECTED', 'The decoders were closed.', { cause: error });
        throw error;
      }
    },
    close: () => closing.abort(),
  };
}

function childFor(limits: SvgLimits, signal: AbortSignal): ChildProcess {
  return spawn(process.execPath, [...(IS_SOURCE ? process.execArgv : []), ENTRY, JSON.stringify(limits)], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // a Ctrl-C in the terminal is for us: what is in hand is finished first
    timeout: limits.timeoutSecs * 1000,
    killSignal: 'SIGKILL',
    signal,
  });
}

async function rasterOf(child: ChildProcess, { timeoutSecs }: SvgLimits): Promise<Rgba> {
  const ended = once(child, 'close');
  const [bytes] = await Promise.all([child.stdout === null ? Buffer.alloc(0) : buffer(child.stdout), ended]);
  if (child.killed) throw tookTooLong(timeoutSecs);
  const reply = readReply(bytes);
  if (reply === null) throw unreadable('its decoder broke down over it');
  if ('failure' in reply) throw new VisionError(reply.failure.code, reply.failure.message);
  return reply.raster;
}
