import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { toVisionError } from '../../core/errors.js';
import { decodeTask } from './decode.js';
import { move, transferableSymbol, valueSymbol } from './piscina.js';
import type { DecodeReply, DecodeTask } from './task.js';

// This is a thread of its own: its globals are nobody else's. Decoders print what they think of a file, on the stream
// that rows are written to.
globalThis.console = new Console(new Writable({ write: (_chunk, _encoding, done) => done() }));

type DrawnReply = Extract<DecodeReply, { readonly kind: 'drawn' }>;

const decode = decodeTask();

/**
 * What the pool calls in a thread; it answers with a {@link DecodeReply}. It throws nothing: an error's class does not
 * survive the way to another thread.
 */
export default async function run(task: DecodeTask): Promise<unknown> {
  try {
    const reply = await decode(task);
    return reply.kind === 'drawn' ? moved(reply) : reply;
  } catch (error) {
    return { kind: 'failed', failure: toVisionError(error).toFailure() } satisfies DecodeReply;
  }
}

/** Pixels change hands without a copy. */
function moved(reply: DrawnReply): unknown {
  return move({ [transferableSymbol]: [reply.raster.pixels.buffer], [valueSymbol]: reply });
}
