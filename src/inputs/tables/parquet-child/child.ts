import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { type FailureCode, VisionError } from '../../../core/errors.js';
import {
  type ImageWanted,
  isReply,
  type ParquetId,
  type ParquetReply,
  type ParquetRow,
  type ParquetTable,
  type ParquetTask,
  type RowsWanted,
} from './task.js';

/**
 * A process that reads Parquet files. Their reader holds up the thread that it runs in, over a damaged file it may not
 * return, and a list that such a file makes grow beyond what V8 holds ends the process, not the thread alone.
 *
 * It is asked one thing after the other. Its verbs throw VisionError IMAGE_UNREADABLE with a bare reason where the file is
 * at fault, and {@link ChildLost} where the process dies or takes too long over it twice.
 */
export interface ParquetChild {
  /** Reads what must be known of a file before its rows. */
  open(path: string): Promise<ParquetTable>;
  /** Some rows from `from` on; none where there is no such row. */
  rows(id: ParquetId, wanted: RowsWanted): Promise<readonly ParquetRow[]>;
  /**
   * The bytes of an image in a cell; null where it holds none.
   *
   * @throws VisionError IMAGE_TOO_LARGE, too
   */
  image(id: ParquetId, wanted: ImageWanted): Promise<Uint8Array | null>;
}

/**
 * The process died, or was ended, over a task, and a fresh one over the same. UNEXPECTED where somebody else ended it, such
 * as a system without memory: that says nothing of the file.
 */
export class ChildLost extends VisionError {}

/** How patient somebody is with the process. */
export interface ParquetChildOptions {
  /**
   * How long one answer may take: after this the process is ended.
   *
   * @defaultValue a minute
   */
  readonly timeoutMs?: number;
  /**
   * Without work the process is let go after this, and what it holds of files with it.
   *
   * @defaultValue 10 s
   */
  readonly idleMs?: number;
}

type Answer = Exclude<ParquetReply, { readonly kind: 'failed' }>;

const TIMEOUT_MS = 60_000;
const IDLE_MS = 10_000;
/** Memory of its objects; bytes lie outside of it. */
const HEAP_MB = 2_048;
const IS_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = fileURLToPath(new URL(`./entry${IS_SOURCE ? '.ts' : '.js'}`, import.meta.url));

/** Starts no process before the first file. There is nothing to close: without work it is let go, and keeps nobody waiting. */
export function createParquetChild(options: ParquetChildOptions = {}): ParquetChild {
  const { timeoutMs = TIMEOUT_MS, idleMs = IDLE_MS } = options;
  const alone = pLimit(1); // a task's time begins when it is its turn
  let child: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;

  const end = (ended: ChildProcess): void => {
    ended.kill('SIGKILL');
    if (child === ended) child = null;
  };
  const replyTo = async (task: ParquetTask): Promise<ParquetReply> => {
    clearTimeout(idle);
    if (child === null || !child.connected) child = startChild();
    const asked = child;
    asked.ref();
    asked.channel?.ref();
    try {
      return await replyOf(asked, { task, timeoutMs });
    } catch (error) {
      end(asked);
      throw error;
    } finally {
      asked.unref();
      asked.channel?.unref();
      idle = setTimeout(end, idleMs, asked).unref();
    }
  };

  /** A disk may stall, and a process be ended by others: only what happens twice is told of the file. */
  const replyToAtLast = (task: ParquetTask): Promise<ParquetReply> =>
    replyTo(task).catch((error: unknown) => {
      if (error instanceof ChildLost) return replyTo(task);
      throw error;
    });

  const ask = async <K extends Answer['kind']>(kind: K, task: ParquetTask): Promise<Extract<Answer, { kind: K }>> => {
    const reply = await alone(replyToAtLast, task);
    if (reply.kind === 'failed') throw new VisionError(reply.failure.code, reply.failure.message);
    if (!isOf(kind, reply)) throw new Error(`Expected a reply of the kind ${kind}, got ${reply.kind}`);
    return reply;
  };

  return {
    open: async (path) => (await ask('table', { kind: 'open', path })).table,
    rows: async (id, wanted) => (await ask('rows', { kind: 'rows', id, ...wanted })).rows,
    image: async (id, wanted) => (await ask('image', { kind: 'image', id, ...wanted })).bytes,
  };
}

function isOf<K extends Answer['kind']>(kind: K, reply: Answer): reply is Extract<Answer, { kind: K }> {
  return reply.kind === kind;
}

function startChild(): ChildProcess {
  return fork(ENTRY, [String(process.pid)], {
    execArgv: [...(IS_SOURCE ? process.execArgv : []), `--max-old-space-size=${HEAP_MB}`],
    serialization: 'advanced', // bytes stay bytes
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

interface Asking {
  readonly task: ParquetTask;
  readonly timeoutMs: number;
}

/** By which a process ends itself: V8 without heap, or a fault in native code. All others are sent to it. */
const OWN_SIGNALS: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGTRAP',
]);

async function replyOf(child: ChildProcess, { task, timeoutMs }: Asking): Promise<ParquetReply> {
  let timeout: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const lost = (code: FailureCode, reason: string): void => reject(new ChildLost(code, reason));
      const fell = (why: string): void => lost('IMAGE_UNREADABLE', `its reader broke down (${why})`);
      const isGone = (why: string): void => lost('UNEXPECTED', `its reader was ended by something else (${why})`);
      timeout = setTimeout(() => lost('IMAGE_UNREADABLE', `it took longer than ${timeoutMs / 1000} s`), timeoutMs);
      child.once('message', (message) => (isReply(message) ? resolve(message) : fell('no reply')));
      child.once('exit', (code, signal) => {
        if (signal === null) fell(`exit ${code}`);
        else if (OWN_SIGNALS.has(signal)) fell(signal);
        else isGone(signal);
      });
      child.on('error', ({ message }) => isGone(message));
      child.send(task, (error) => error instanceof Error && isGone(error.message));
    });
  } finally {
    clearTimeout(timeout);
    for (const event of ['message', 'exit', 'error']) child.removeAllListeners(event);
    child.on('error', () => {}); // of one without work: the next task gets a fresh one
  }
}
