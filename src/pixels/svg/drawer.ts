import { VisionError } from '../../core/errors.js';
import { decodersClosed } from '../formats/header.js';
import type { Rgba } from '../rgba.js';
import { SvgProcess } from './child.js';
import type { SvgLimits } from './draw.js';

/** Draws SVGs in processes: a few kilobytes of one can keep a decoder busy for hours, and no thread stops it. */
export interface SvgDrawer {
  /** @throws VisionError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE */
  draw(bytes: Uint8Array, limits: SvgLimits): Promise<Rgba>;
  /** Ends the processes; drawings under way fail. */
  close(): void;
}

/** A process without work is let go after this. */
const IDLE_MS = 10_000;

/** Starts nothing before the first drawing; then as many processes as there are drawings at once. */
export function createSvgDrawer(): SvgDrawer {
  const processes = new Set<SvgProcess>();
  const resting = new Set<SvgProcess>();
  let isClosed = false;

  const start = (): SvgProcess => {
    const started = new SvgProcess((ended) => {
      processes.delete(ended);
      resting.delete(ended);
    });
    processes.add(started);
    return started;
  };

  return {
    async draw(bytes, limits) {
      if (isClosed) throw decodersClosed();
      const [free = start()] = resting;
      resting.delete(free);
      try {
        const reply = await free.draw({ bytes, limits });
        resting.add(free);
        free.rest(IDLE_MS);
        if ('failure' in reply) throw new VisionError(reply.failure.code, reply.failure.message);
        return reply.raster;
      } catch (error) {
        throw isClosed ? decodersClosed() : error;
      }
    },
    close() {
      isClosed = true;
      for (const one of processes) one.end();
    },
  };
}
