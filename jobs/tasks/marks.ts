/** Marks of images, and the tokens with which templates part turns. */
const MARK =
  '(?:\\[img(?:-\\d{1,9})?\\]|<(?:start|end)_of_turn>|<(?:eos|bos|pad|unk)>|' +
  '<[|｜](?:im_(?:start|end)|endoftext|(?:begin|end)[_▁]of[_▁](?:text|turn|box|sentence|image)|end|eot(?:_id)?|eom_id|return|image(?:_pad)?|vision_(?:start|end|pad))[|｜]>)';

const FIRST = new RegExp(`^(?:${MARK}\\s*)+`, 'i');
const LAST = new RegExp(`${MARK}$`, 'i');
const LONGEST = 40;
const STRIKE_END = '</s>';

/** A text without the marks at its two ends. Those inside may be the page's own. */
export function withoutMarks(text: string): string {
  let left = text.replace(FIRST, '').trimEnd();
  for (let mark = lastMark(left); mark > 0; mark = lastMark(left)) left = left.slice(0, -mark).trimEnd();
  return left;
}

/** How long the mark is that a text ends with, or 0. */
function lastMark(text: string): number {
  if (text.endsWith(STRIKE_END)) return /<s>/i.test(text) ? 0 : STRIKE_END.length; // with its beginning it is HTML
  return LAST.exec(text.slice(-LONGEST))?.[0].length ?? 0;
}

/** Whether anything of a text can be seen. */
export function isVisible(text: string): boolean {
  return /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}
