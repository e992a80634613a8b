import { cpuUsage } from 'node:process';
import { LoopGuard } from '../../src/engines/guard/loop-guard.js';
import { CUTS } from '../unit/engines/guard/cuts.js';
import { type BenchOptions, type BenchResult, median } from './bench.js';

const ROUNDS = 7;
const TOKENS = 40_000;
const MAX_ROWS = 200;
const TOKEN_CUTS = ['characters', 'words'];
const WORDS = 'the of and harbour lamp winter ledger copper window morning quiet bridge garden letter river'.split(' ');
const IDEOGRAPHS = [...'春眠不觉晓处闻啼鸟夜来风雨声花落知多少床前明月光疑是地上霜举头望低思故乡'];

/** Texts of which a guard could think for long: none of them is a loop, most of them nearly are. */
const FAMILIES: Readonly<Record<string, (random: Random) => string>> = {
  'prose in lines': (random) => lines(() => some(12, () => one(random, WORDS)).join(' ')),
  'prose in one line': (random) => some(TOKENS, () => one(random, WORDS)).join(' '),
  'Chinese in one line': (random) => some(TOKENS, () => one(random, IDEOGRAPHS)).join(''),
  'prices in one line': (random) => some(TOKENS / 4, () => `${whole(random, 999)}.${whole(random, 99)}`).join(' '),
  'bits in one line': (random) => some(TOKENS, () => whole(random, 2)).join(' '),
  'zeros in one line, broken': (random) => some(TOKENS, () => (whole(random, 12) === 0 ? 7 : 0)).join(' '),
  'rules of many widths': (random) => lines(() => '-'.repeat(100 + whole(random, 240))),
  'two words in one line, never thrice': () => thueMorse(TOKENS),
  'a passage twice in one line': (random) => {
    const passage = some(TOKENS / 2, () => one(random, WORDS)).join(' ');
    return `${passage} ${passage}`;
  },
  'lines of one digit': (random) => lines(() => whole(random, 10)),
  'rows of a table': (random) => lines(() => `| ${some(6, () => whole(random, 9)).join(' | ')} |`),
  'blocks that nearly repeat': (random) => lines((at) => (whole(random, 15) === 0 ? at : `${at % 7}`)),
  'objects of JSON': (random) =>
    JSON.stringify(some(TOKENS / 16, () => ({ name: one(random, WORDS), price: whole(random, 99), note: null }))),
  'numbers of JSON': (random) => JSON.stringify(some(TOKENS / 2, () => whole(random, 3))),
  'letters of JSON, laid out': (random) =>
    JSON.stringify(
      some(TOKENS / 4, () => one(random, ['a', 'b'])),
      null,
      1,
    ),
};

type Random = () => number;

/** Microseconds of this process that a token of the dearest family takes the loop guard. */
export async function guard({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  return [...CUTS]
    .filter(([cutName]) => TOKEN_CUTS.includes(cutName))
    .map(([cutName, cut]) => {
      const costs = Object.entries(FAMILIES)
        .map(([name, textOf]) => ({ name, us: microsecondsAToken(cut(textOf(randomOf(1))), quick ? 2 : ROUNDS) }))
        .toSorted((one, other) => one.us - other.us);
      return {
        name: `guard, µs a token, cut into ${cutName}`,
        ratio: costs.at(-1)?.us ?? Number.NaN,
        reach: 2,
        better: 'lower',
        detail: Object.fromEntries(costs.map(({ name, us }) => [name, us.toFixed(3)])),
      };
    });
}

function microsecondsAToken(pieces: readonly string[], rounds: number): number {
  return median(
    some(rounds, () => {
      const loopGuard = new LoopGuard({ maxRows: MAX_ROWS });
      const start = cpuUsage();
      const loop = pieces.reduce<unknown>((found, piece) => found ?? loopGuard.push(piece), null);
      if (loop !== null) throw new Error(`Expected text without a loop, got ${JSON.stringify(loop)}.`);
      return cpuUsage(start).user / pieces.length;
    }),
  );
}

/** Numbers from a seed (a linear congruential generator; Numerical Recipes, §7.1). */
function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function whole(random: Random, below: number): number {
  return Math.floor(random() * below);
}

function one<T>(random: Random, list: readonly T[]): T | undefined {
  return list[whole(random, list.length)];
}

function some<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

function lines(make: (at: number) => string | number): string {
  return some(TOKENS / 4, (at) => `${make(at)}\n`).join('');
}

/** The Thue–Morse sequence: two words in an order in which much comes twice and nothing three times in a row. */
function thueMorse(words: number): string {
  return some(words, (at) => (at.toString(2).replaceAll('0', '').length % 2 === 0 ? 'left' : 'right')).join(' ');
}
