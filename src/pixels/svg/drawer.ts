import { VisionError } from '../../core/errors.js';
import { decodersClosed } from '../formats/header.js';
import type { Rgba } from '../rgba.js';
import { type Drawing, SvgProcess } from './child.js';
import type { SvgLimits } from './draw.js';
import type { SvgTask } from './task.js';

/** Draws SVGs in processes: a few kilobytes of one can keep a decoder busy for hours, and no thread stops it. */
export interface SvgDrawer {
  /** @throws VisionError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE; UNEXPECTED where no process can draw */
  draw(bytes: Uint8Array, limits: SvgLimits): Promise<Rgba>;
  /** Ends the processes; drawings under way fail. */
  close(): void;
}

export interface SvgDrawerOptions {
  /** A process without work is let go after this. @defaultValue 10000 */
  readonly idleMs?: number;
}

/** Starts nothing before the first drawing; then as many processes as there are drawings at once. */
export function createSvgDrawer({ idleMs = 10_000 }: SvgDrawerOptions = {}): SvgDrawer {
  const processes = new Set<SvgProcess>();
  /** Processes without work, and what ends them. */
  const resting = new Map<SvgProcess, NodeJS.Timeout>();
  let isClosed = false;

  const start = (): SvgProcess => {
    const started = new SvgProcess((ended) => {
      processes.delete(ended);
      wake(ended);
    });
    processes.add(started);
    return started;
  };
  const wake = (one: SvgProcess): void => {
    clearTimeout(resting.get(one));
    resting.delete(one);
  };
  const rest = (one: SvgProcess): void => {
    const letGo = (): void => {
      resting.delete(one); // it takes a while to end, and draws nothing more
      one.end();
    };
    resting.set(one, setTimeout(letGo, idleMs).unref());
  };
  const drawnBy = async (one: SvgProcess, task: SvgTask): Promise<Drawing> => {
    if (isClosed) throw decodersClosed();
    wake(one);
    const drawing = await one.draw(task);
    if (isClosed) throw decodersClosed();
    if (!('ended' in drawing)) rest(one);
    return drawing;
  };

  return {
    async draw(bytes, limits) {
      const task = { bytes, limits };
      const [used] = resting.keys();
      let drawing = await drawnBy(used ?? start(), task);
      // What ended a process that had rested, such as a lack of memory, may have nothing to do with this drawing.
      if ('ended' in drawing && used !== undefined && !used.isEnded) drawing = await drawnBy(start(), task);
      if ('ended' in drawing) throw drawing.ended;
      if ('failure' in drawing) throw new VisionError(drawing.failure.code, drawing.failure.message);
      return drawing.raster;
    },
    close() {
      isClosed = true;
      for (const one of processes) one.end();
    },
  };
}
