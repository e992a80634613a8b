import { Buffer } from 'node:buffer';
import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { messageOf, VisionError } from '../../core/errors.js';
import { tookTooLong, unreadable } from '../formats/header.js';
import type { SvgReply, SvgTask } from './task.js';

const IS_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = fileURLToPath(new URL(`./entry${IS_SOURCE ? '.ts' : '.js'}`, import.meta.url));

/** What a process answers, or why it ended without an answer. */
export type Drawing = SvgReply | { readonly ended: VisionError };

/** A process that draws one SVG after another, and keeps nobody from ending while it has none. */
export class SvgProcess {
  readonly #child: ChildProcess;
  #isEnded = false;

  /** @param onEnd - called once, when it can draw no more */
  constructor(onEnd: (ended: SvgProcess) => void) {
    this.#child = fork(ENTRY, {
      execArgv: IS_SOURCE ? process.execArgv : [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true, // a Ctrl-C in the terminal is for us: what is in hand is finished first
    });
    this.#child.once('exit', () => onEnd(this)).on('error', () => onEnd(this));
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Whether it was ended from here. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Draws an SVG; one call at a time. */
  draw({ bytes, limits }: SvgTask): Promise<Drawing> {
    const child = this.#child;
    return new Promise((resolve) => {
      const settle = (drawing: Drawing): void => {
        clearTimeout(late);
        child.off('message', settle).off('exit', onExit).off('error', onError);
        resolve(drawing);
      };
      const late = setTimeout(() => {
        this.end();
        settle({ ended: tookTooLong(limits.timeoutSecs) });
      }, limits.timeoutSecs * 1000);
      const onExit = (_code: number | null, signal: NodeJS.Signals | null): void =>
        settle({ ended: signal === 'SIGKILL' ? killed() : unreadable('its decoder broke down over it') });
      const onError = (error: Error): void => settle({ ended: notStarted(error) });
      child.once('message', settle).once('exit', onExit).once('error', onError);
      child.send({ bytes: Buffer.from(bytes), limits } satisfies SvgTask, (error) => {
        if (error !== null) onError(error);
      });
    });
  }

  /** A drawing under way fails. */
  end(): void {
    this.#isEnded = true;
    this.#child.kill('SIGKILL');
  }
}

/** Nothing is said of the file by either: it is asked again. */
function killed(): VisionError {
  return new VisionError('UNEXPECTED', 'The process that drew the SVG was killed, maybe for want of memory.');
}

function notStarted(cause: Error): VisionError {
  return new VisionError('UNEXPECTED', `No process could be asked to draw the SVG: ${messageOf(cause)}.`, { cause });
}
