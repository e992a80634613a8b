/** A figure that is a ratio against a bare loop on the same machine, so that it means the same on every machine. */
export interface BenchResult {
  readonly name: string;
  readonly ratio: number;
  /** What the ratio shall reach. */
  readonly reach: number;
  readonly better: 'lower' | 'higher';
  /** What the ratio was made of. */
  readonly detail: Readonly<Record<string, number | string>>;
}

export interface BenchOptions {
  /** Fewer items: a look while working, not a figure to publish. */
  readonly quick: boolean;
}

/** A measurement that takes seconds to minutes, and the machine for itself. */
export type Bench = (options: BenchOptions) => Promise<readonly BenchResult[]>;

/** Whether the ratio is what it shall be. */
export function reached({ ratio, reach, better }: BenchResult): boolean {
  return better === 'lower' ? ratio <= reach : ratio >= reach;
}

/** One line for people. */
export function describeResult(result: BenchResult): string {
  const { name, ratio, reach, better, detail } = result;
  const verdict = reached(result) ? 'reached' : 'NOT reached';
  const parts = Object.entries(detail).map(([key, value]) => `${key} ${value}`);
  return `${name}: ${ratio.toFixed(3)} (${better === 'lower' ? 'at most' : 'at least'} ${reach}: ${verdict}) · ${parts.join(' · ')}`;
}

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
