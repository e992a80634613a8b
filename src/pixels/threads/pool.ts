import pLimit from 'p-limit';
import { messageOf, VisionError } from '../../core/errors.js';
import { decodersClosed } from '../formats/header.js';
import type { Piscina } from './piscina.js';
import type { DecodeReply, DecodeTask } from './task.js';

export interface ThreadsOptions {
  /** Decodes at once, each in a thread of its own. */
  readonly threads: number;
  /** After this a decode is given up, and its thread with it. */
  readonly timeoutMs: number;
  /** Memory of one thread's objects; pixels and WebAssembly lie outside of it. */
  readonly heapMb: number;
}

/** Threads that decode what libvips does not read. Whatever happens in one of them fails one decode. */
export interface Threads {
  /** @throws VisionError as the decoder says; IMAGE_UNREADABLE or PDF_UNREADABLE where the thread dies or takes too long */
  decode(task: DecodeTask): Promise<DecodeReply>;
  /** Ends the threads; decodes under way fail. */
  close(): Promise<void>;
}

type Pool = Piscina<DecodeTask, DecodeReply>;

/** A thread without work is let go after this, and the memory that its decoders had grown to with it. */
const IDLE_MS = 10_000;
const ENTRY = new URL(`./entry${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href;

/** Starts no thread before the first decode. */
export function createThreads({ threads, timeoutMs, heapMb }: ThreadsOptions): Threads {
  const oneOf = pLimit(threads); // a decode's time begins when there is a thread for it
  let pool: Promise<Pool> | null = null;
  let isClosed = false;

  const replyTo = async (task: DecodeTask): Promise<DecodeReply> => {
    if (isClosed) throw decodersClosed();
    pool ??= startPool(threads, heapMb);
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), timeoutMs);
    try {
      return await (await pool).run(task, { filename: ENTRY, signal: timer.signal });
    } catch (error) {
      if (isClosed) throw decodersClosed();
      throw timer.signal.aborted ? tookTooLong(task, timeoutMs) : threadDied(task, error);
    } finally {
      clearTimeout(timeout);
    }
  };

  return {
    async decode(task) {
      const reply = await oneOf(replyTo, task);
      if (reply.kind === 'failed') throw new VisionError(reply.failure.code, reply.failure.message);
      return reply;
    },
    async close() {
      isClosed = true;
      await (await pool)?.destroy();
    },
  };
}

async function startPool(maxThreads: number, heapMb: number): Promise<Pool> {
  const { Piscina } = await import('./piscina.js'); // only who has such a file pays for loading it
  const pool: Pool = new Piscina({
    minThreads: 0,
    maxThreads,
    idleTimeout: IDLE_MS,
    atomics: 'disabled', // a thread that sleeps in Atomics.wait prints nothing and collects no garbage
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  pool.on('error', () => {}); // of an idle thread: the next decode gets a fresh one
  return pool;
}

function tookTooLong(task: DecodeTask, timeoutMs: number): VisionError {
  return new VisionError(codeOf(task), `Decoding ${nameOf(task)} took longer than ${timeoutMs / 1000} s.`, {
    fix: 'Make a simpler copy of it, for example by printing it to a file.',
  });
}

function threadDied(task: DecodeTask, error: unknown): VisionError {
  return new VisionError(codeOf(task), `The decoder broke down over ${nameOf(task)}: ${messageOf(error)}.`, {
    fix: 'Open and save it with another program, and try that copy.',
    cause: error,
  });
}

function codeOf(task: DecodeTask): 'PDF_UNREADABLE' | 'IMAGE_UNREADABLE' {
  return 'document' in task ? 'PDF_UNREADABLE' : 'IMAGE_UNREADABLE';
}

const NAMES = { heic: 'the HEIC', bmp: 'the BMP', ink: 'the page', skew: 'the page', letters: 'the page' } as const;

function nameOf(task: DecodeTask): string {
  if (task.kind === 'pdf-pages') return 'the PDF';
  return 'document' in task ? `page ${task.page} of the PDF` : NAMES[task.kind];
}
