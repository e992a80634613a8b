import type { Meter } from './meter.js';
import type { RunnerSettings } from './model-options.js';
import type { ModelSpec } from './options.js';
import { REFUSALS } from './refusal.js';

interface Waiter {
  readonly controller: AbortController;
  readonly grant: (release: () => void) => void;
  readonly refuse: (reason: unknown) => void;
}

/** What a runner is started with. */
export interface RunnerStart {
  readonly model: ModelSpec;
  readonly settings: RunnerSettings;
  readonly slots: number;
  readonly keepAliveMs: number;
  readonly meter: Meter;
}

/** A loaded model: slots, first come first served without any limit, and the time it may stay when idle. */
export class Runner {
  readonly model: ModelSpec;
  readonly settings: RunnerSettings;
  /** First images that its prompt cache is broken for: image → the one beside it, or null for a fault. */
  readonly brokenPrefixes = new Map<string, string | null>();
  /** Its process is gone, but it stays listed until the next request notices. */
  dead = false;
  /** Its process no longer answers. */
  frozen = false;
  /** Resolves when it was unloaded. */
  readonly gone: Promise<void>;
  readonly #meter: Meter;
  readonly #waiting: Waiter[] = [];
  readonly #active = new Set<AbortController>();
  #free: number;
  #keepAliveMs: number;
  #idleSinceMs = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #leave: () => void = () => undefined;

  constructor({ model, settings, slots, keepAliveMs, meter }: RunnerStart) {
    this.model = model;
    this.settings = settings;
    this.#free = slots;
    this.#keepAliveMs = keepAliveMs;
    this.#meter = meter;
    this.gone = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  /** Waits for a slot and returns how to give it back. Rejects with the reason if the request is aborted meanwhile. */
  take(controller: AbortController): Promise<() => void> {
    if (controller.signal.aborted) return Promise.reject(controller.signal.reason);
    clearTimeout(this.#timer);
    if (this.#free > 0) return Promise.resolve(this.#grant(controller));
    return new Promise((grant, refuse) => {
      const waiter: Waiter = { controller, grant, refuse };
      this.#waiting.push(waiter);
      controller.signal.addEventListener('abort', () => this.#withdraw(waiter), { once: true });
    });
  }

  /** From now on it stays that long after its last request; a running timer starts anew. */
  keepFor(ms: number): void {
    this.#keepAliveMs = ms;
    this.#restIfIdle();
  }

  /** When it will be unloaded, if nothing comes; centuries away for ever. */
  get expiresAt(): Date {
    const fromMs = this.#isIdle() ? this.#idleSinceMs : Date.now();
    return new Date(Math.min(fromMs + this.#keepAliveMs, Date.UTC(2318, 0)));
  }

  /** Its process dies: who holds a slot and who waits for one is told so, each in its own words. */
  die(why: string): void {
    this.dead = true;
    clearTimeout(this.#timer);
    for (const { refuse } of this.#waiting.splice(0)) refuse(REFUSALS.runnerGone());
    for (const controller of this.#active) controller.abort(REFUSALS.runnerDied(why));
  }

  /** Out of memory at once, whoever it serves. */
  unload(): void {
    this.dead = true;
    clearTimeout(this.#timer);
    this.#leave();
  }

  #grant(controller: AbortController): () => void {
    this.#free -= 1;
    this.#active.add(controller);
    this.#meter.change(+1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#release(controller);
    };
  }

  #release(controller: AbortController): void {
    this.#free += 1;
    this.#active.delete(controller);
    this.#meter.change(-1);
    const next = this.#waiting.shift();
    if (next !== undefined) next.grant(this.#grant(next.controller));
    else this.#restIfIdle();
  }

  #withdraw(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    waiter.refuse(waiter.controller.signal.reason);
  }

  #isIdle(): boolean {
    return this.#active.size === 0 && this.#waiting.length === 0;
  }

  #restIfIdle(): void {
    if (!this.#isIdle() || this.dead) return;
    clearTimeout(this.#timer);
    this.#idleSinceMs = Date.now();
    if (this.#keepAliveMs <= 0) this.unload();
    else if (this.#keepAliveMs < 2 ** 31) this.#timer = setTimeout(() => this.unload(), this.#keepAliveMs).unref();
  }
}
