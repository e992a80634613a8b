/** Ways a stream of the same text may come: as letters, as words with the space before them, as lines, as blocks. */
export const CUTS: ReadonlyMap<string, (text: string) => readonly string[]> = new Map([
  ['characters', (text: string) => text.split('')],
  ['words', (text: string) => text.match(WORDS) ?? []],
  ['lines', (text: string) => text.match(/[^\n]*\n|[^\n]+$/g) ?? []],
  ['blocks of 20', (text: string) => text.match(/.{1,20}/gs) ?? []],
]);

/** Much as byte-pair encodings cut: a word with its space, up to three digits, one ideograph, up to 16 equal marks. */
const WORDS =
  / ?[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]| ?\p{L}{1,12}\p{M}*| ?\d{1,3}| ?([^\s\p{L}\d])\1{0,15}|\n| +(?= )|\s/gu;
