import type { Grey } from '../../../src/pixels/ink/grey.js';
import { numberBars, numberSize } from '../../../src/pixels/stitch/digits.js';

/** A5 at 85 dots an inch. */
const A5 = { width: 496, height: 702 };

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A scan in the making. Tones are 0 (black) … 255 (white); everything follows from its seed. */
export class Page implements Grey {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  #seed: number;

  constructor({ tone = 236, seed = 1, width = A5.width, height = A5.height } = {}) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height).fill(tone);
    this.#seed = seed * 7919 + 1;
  }

  /** 0 … 1. */
  random(): number {
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (this.#seed >>> 8) / 8_388_608;
  }

  /** Sets what a pixel's tone becomes. */
  change(tone: (before: number, place: Place) => number): this {
    const place = { x: 0, y: 0 };
    for (let at = 0; at < this.pixels.length; at += 1) {
      this.pixels[at] = clamped(tone(this.pixels[at] ?? 0, place));
      place.x += 1;
      if (place.x < this.width) continue;
      place.x = 0;
      place.y += 1;
    }
    return this;
  }

  /** Grain of this standard deviation; `coarse` grains are some pixels wide. */
  grain(sigma: number, coarse = 1): this {
    const noise = Float32Array.from({ length: 4096 }, () => {
      const sum = this.random() + this.random() + this.random() + this.random();
      return (sum - 2) * Math.sqrt(3) * sigma;
    });
    for (let y = 0; y < this.height; y += 1) {
      let step = (Math.floor(y / coarse) * 2_654_435) & 4095;
      for (let x = 0; x < this.width; x += 1) {
        if (x % coarse === 0) step = (step * 1229 + 351) & 4095;
        const at = y * this.width + x;
        this.pixels[at] = clamped((this.pixels[at] ?? 0) + (noise[step] ?? 0));
      }
    }
    return this;
  }

  /** A line of this width, its edges soft. Negative contrast is lighter than the paper. */
  line(from: Place, to: Place, { width = 1.4, contrast = 40, wobble = 0 } = {}): this {
    const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) * 2);
    const cover = new Map<number, number>();
    for (let step = 0; step <= steps; step += 1) {
      const part = step / Math.max(1, steps);
      const bend = wobble * Math.sin(part * 9);
      const x = from.x + (to.x - from.x) * part + bend;
      const y = from.y + (to.y - from.y) * part + bend;
      for (let v = Math.floor(y - width); v <= Math.ceil(y + width); v += 1) {
        for (let u = Math.floor(x - width); u <= Math.ceil(x + width); u += 1) {
          const share = Math.min(1, Math.max(0, width / 2 + 0.5 - Math.hypot(u - x, v - y)));
          if (u < 0 || v < 0 || u >= this.width || v >= this.height || share === 0) continue;
          const at = v * this.width + u;
          cover.set(at, Math.max(cover.get(at) ?? 0, share));
        }
      }
    }
    for (const [at, share] of cover) this.pixels[at] = this.#inked(this.pixels[at] ?? 0, share * contrast);
    return this;
  }

  /** A number, in digits of this height. */
  number(value: number, { x, y }: Place, { height = 16, contrast = 150 } = {}): this {
    const places = new Set<number>(); // bars share their corners
    for (const bar of numberBars(value, { left: Math.round(x), top: Math.round(y), height })) {
      for (let v = bar.top; v < bar.top + bar.height; v += 1) {
        for (let u = bar.left; u < bar.left + bar.width; u += 1) {
          if (u >= 0 && v >= 0 && u < this.width && v < this.height) places.add(v * this.width + u);
        }
      }
    }
    for (const at of places) this.pixels[at] = this.#inked(this.pixels[at] ?? 0, contrast);
    return this;
  }

  /** Lines of numbers over a part of the page, as writing stands there. */
  writing({ lines = 20, top = 80, pitch = 22, height = 9, contrast = 150, left = 70, right = 70 } = {}): this {
    for (let line = 0; line < lines; line += 1) {
      for (let x = left; x < this.width - right; ) {
        const value = Math.floor(10 ** (1 + this.random() * 5));
        const { width } = numberSize(value, height);
        if (x + width < this.width - right) this.number(value, { x, y: top + line * pitch }, { height, contrast });
        x += width + height;
      }
    }
    return this;
  }

  disc({ x, y }: Place, radius: number, tone: number): this {
    for (let v = Math.floor(y - radius); v <= y + radius; v += 1) {
      for (let u = Math.floor(x - radius); u <= x + radius; u += 1) {
        if (Math.hypot(u - x, v - y) > radius || u < 0 || v < 0 || u >= this.width || v >= this.height) continue;
        this.pixels[v * this.width + u] = tone;
      }
    }
    return this;
  }

  rect({ left = 0, top = 0, width = this.width, height = this.height }, tone: number): this {
    for (let y = top; y < top + height; y += 1) {
      this.pixels.fill(tone, y * this.width + left, y * this.width + left + width);
    }
    return this;
  }

  /** Blurs by the mean over a square of this side, odd. */
  blur(side: number): this {
    const half = Math.floor(side / 2);
    for (const [step, length] of [
      [1, this.width],
      [this.width, this.height],
    ] as const) {
      const source = Uint8Array.from(this.pixels);
      for (let at = 0; at < source.length; at += 1) {
        const place = step === 1 ? at % this.width : Math.floor(at / this.width);
        let [sum, count] = [0, 0];
        for (let k = -half; k <= half; k += 1) {
          if (place + k < 0 || place + k >= length) continue;
          sum += source[at + k * step] ?? 0;
          count += 1;
        }
        this.pixels[at] = Math.round(sum / count);
      }
    }
    return this;
  }

  /** As film shows it. */
  negative(): this {
    return this.change((before) => 255 - before);
  }

  #inked(before: number, contrast: number): number {
    return clamped(before - contrast);
  }
}

function clamped(tone: number): number {
  return Math.max(0, Math.min(255, Math.round(tone)));
}
