/** Control characters but line ends and tabs, and those that turn the direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text that a terminal shows and does not obey: what would steer it stands as `\u001b`. JSON stays the same value,
 * because there such characters stand in strings only.
 */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(STEERING, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
