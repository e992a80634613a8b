import { TAIL_BAR } from './bars.js';
import type { Copies } from './loop.js';
import { SymbolBuffer } from './symbol-buffer.js';
import { SymbolReader } from './symbol-reader.js';

/** A repetition at the end of a text; its places are in characters of that text. */
export interface TailLoop extends Copies {
  /** Symbols of one copy. */
  readonly periodSymbols: number;
}

/**
 * Whether a text that was cut repeats itself at its end, by the lower bar {@link TAIL_BAR}, across rows. What follows the
 * last whole symbol is not looked at, as it was cut too.
 */
export function loopAtEnd(text: string): TailLoop | null {
  const symbols = new SymbolBuffer({ capacity: Math.max(1, text.length) });
  const reader = new SymbolReader();
  for (let at = 0; at < text.length; at += 1) {
    if (reader.read(text.charCodeAt(at), at)) symbols.add(reader, 0);
  }
  const found = symbols.tailPeriod(symbols.length);
  if (found === null || found.repeated < found.period * (TAIL_BAR.copies - 1)) return null;
  const second = symbols.length - found.repeated;
  if (text.length - symbols.startOf(second - found.period) < TAIL_BAR.characters) return null;
  return {
    periodSymbols: found.period,
    copies: Math.floor(found.repeated / found.period) + 1,
    firstEndAt: symbols.startOf(second),
    periodCharacters: symbols.startOf(symbols.length - 1) - symbols.startOf(symbols.length - 1 - found.period),
  };
}
