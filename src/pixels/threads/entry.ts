import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { toVisionError } from '../../core/errors.js';
import { decodeTask } from './decode.js';
import type { DecodeReply, DecodeTask } from './task.js';

// This is a thread of its own: its globals are nobody else's. Decoders print what they think of a file, on the stream
// that rows are written to.
globalThis.console = new Console(new Writable({ write: (_chunk, _encoding, done) => done() }));

const decode = decodeTask();

/** What the pool calls in a thread. It throws nothing: an error's class does not survive the way to another thread. */
export default async function run(task: DecodeTask): Promise<DecodeReply> {
  try {
    return await decode(task);
  } catch (error) {
    return { kind: 'failed', failure: toVisionError(error).toFailure() };
  }
}
