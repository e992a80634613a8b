import process from 'node:process';
import { buffer } from 'node:stream/consumers';
import { toVisionError } from '../../core/errors.js';
import { drawSvg, type SvgLimits } from './draw.js';
import { replyBytes, type SvgReply } from './reply.js';

// A process of its own that draws one SVG: from stdin, with the limits that are its argument, to stdout.

const limits: SvgLimits = JSON.parse(process.argv[2] ?? '');

/** Ends it where nobody is left to: what draws in here cannot be stopped otherwise. */
const LATE_SECS = 5;
setTimeout(() => process.kill(process.pid, 'SIGKILL'), (limits.timeoutSecs + LATE_SECS) * 1000).unref();

for (const part of replyBytes(await drawn())) process.stdout.write(part);

async function drawn(): Promise<SvgReply> {
  try {
    return { raster: await drawSvg(await buffer(process.stdin), limits) };
  } catch (error) {
    return { failure: toVisionError(error).toFailure() };
  }
}
