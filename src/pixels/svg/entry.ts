import process from 'node:process';
import { toVisionError } from '../../core/errors.js';
import { drawSvg } from './draw.js';
import type { SvgReply, SvgTask } from './task.js';

// A process of its own that draws one SVG after another, for as long as the one that started it is there. What draws in
// here cannot be stopped otherwise than by ending it.

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', async (task: SvgTask) => process.send?.(await replyTo(task)));

async function replyTo({ bytes, limits }: SvgTask): Promise<SvgReply> {
  try {
    return { raster: await drawSvg(bytes, limits) };
  } catch (error) {
    return { failure: toVisionError(error).toFailure() };
  }
}
