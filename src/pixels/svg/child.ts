import { Buffer } from 'node:buffer';
import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { tookTooLong, unreadable } from '../formats/header.js';
import type { SvgReply, SvgTask } from './task.js';

const IS_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = fileURLToPath(new URL(`./entry${IS_SOURCE ? '.ts' : '.js'}`, import.meta.url));

/** A process that draws one SVG after another, and keeps nobody from ending while it has none. */
export class SvgProcess {
  readonly #child: ChildProcess;
  #idle: NodeJS.Timeout | undefined;

  /** @param onEnd - called once, when it can draw no more */
  constructor(onEnd: (ended: SvgProcess) => void) {
    this.#child = fork(ENTRY, {
      execArgv: IS_SOURCE ? process.execArgv : [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true, // a Ctrl-C in the terminal is for us: what is in hand is finished first
    });
    this.#child.once('exit', () => onEnd(this)).once('error', () => onEnd(this));
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /**
   * Draws an SVG; one call at a time.
   *
   * @throws VisionError IMAGE_UNREADABLE where it takes too long or the process ends over it
   */
  draw({ bytes, limits }: SvgTask): Promise<SvgReply> {
    const child = this.#child;
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      const settle = (then: () => void) => () => {
        clearTimeout(late);
        child.off('message', onReply).off('exit', onExit);
        then();
      };
      const late = setTimeout(() => {
        settle(() => reject(tookTooLong(limits.timeoutSecs)))();
        this.end();
      }, limits.timeoutSecs * 1000);
      const onReply = (reply: SvgReply) => settle(() => resolve(reply))();
      const onExit = settle(() => reject(unreadable('its decoder broke down over it')));
      child.once('message', onReply).once('exit', onExit);
      child.send({ bytes: Buffer.from(bytes), limits } satisfies SvgTask, (error) => {
        if (error !== null) onExit();
      });
    });
  }

  /** Ends it unless it is asked for another drawing in time. */
  rest(idleMs: number): void {
    this.#idle = setTimeout(() => this.end(), idleMs).unref();
  }

  /** A drawing under way fails. */
  end(): void {
    this.#child.kill('SIGKILL');
  }
}
