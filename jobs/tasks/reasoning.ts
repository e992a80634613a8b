/** The slash of a tag is caught, empty where it opens; a fence has none. */
const FENCE_OR_TAG = /^(?:`{3}|~{3})|[<◁](\/?)(?:think(?:ing)?|reasoning)[>▷]/gimu;

/** What models say before they think, which is no part of an answer. */
const PLEASANTRY = /^(?:sure|certainly|of course|okay|ok|alright)[.!,:…]*$/i;

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Tag extends Span {
  readonly closes: boolean;
  /** Where false it is the page's own. */
  readonly isThoughts: boolean;
}

/**
 * An answer without what its model thought aloud, between tags wherever they stand. Some templates open it themselves,
 * so that only its end is in the answer. A tag inside a sentence or a block of code is the page's own, and stays.
 */
export function withoutReasoning(text: string): string {
  const thoughts = thoughtsIn(text);
  const ends = [0, ...thoughts.map(({ end }) => end)];
  const [first = '', ...rest] = ends.map((end, at) => text.slice(end, thoughts[at]?.start));
  const isPolite = rest.length > 0 && PLEASANTRY.test(first.trim());
  return (isPolite ? rest : [first, ...rest]).join('');
}

/** From tag to tag; from the beginning where only the end has one, to the end where only the beginning has one. */
function thoughtsIn(text: string): readonly Span[] {
  let thoughts: Span[] = [];
  let open: Tag | null = null;
  let named = false; // a tag of the page's own stands before, so one that closes may be its own, too
  for (const tag of tagsIn(text)) {
    if (open !== null) {
      if (!tag.closes) continue;
      thoughts.push({ start: open.start, end: tag.end });
      open = null;
    } else if (!tag.closes) {
      named ||= !tag.isThoughts;
      open = tag.isThoughts ? tag : null;
    } else if (tag.isThoughts && !named) thoughts = [{ start: 0, end: tag.end }];
  }
  return open === null ? thoughts : [...thoughts, { start: open.start, end: text.length }];
}

function tagsIn(text: string): readonly Tag[] {
  const tags: Tag[] = [];
  let fenced = false;
  for (const { 0: match, 1: slash, index: start } of text.matchAll(FENCE_OR_TAG)) {
    if (slash === undefined) fenced = !fenced;
    else {
      const [span, closes] = [{ start, end: start + match.length }, slash === '/'];
      const isThoughts = !fenced && (closes ? closesThought(text, span) : opensThought(text, span));
      tags.push({ ...span, closes, isThoughts });
    }
  }
  return tags;
}

/** At the beginning of a line, or with the thought directly behind it. */
function opensThought(text: string, { start, end }: Span): boolean {
  return beginsLine(text, start) || isFollowed(text, end);
}

/** Behind the end of a sentence or line, or with the answer directly behind it. */
function closesThought(text: string, { start, end }: Span): boolean {
  return (
    beginsLine(text, start) || /[.!?…。！？]/.test(text.slice(0, start).trimEnd().slice(-1)) || isFollowed(text, end)
  );
}

function beginsLine(text: string, at: number): boolean {
  const filled = text.slice(0, at).trimEnd();
  return filled === '' || text.slice(filled.length, at).includes('\n');
}

/** Whether a word or a block follows at once, or the line ends. */
function isFollowed(text: string, end: number): boolean {
  if (/^[\p{L}\p{N}#{[|]/u.test(text.slice(end, end + 2))) return true;
  const next = /[^ \t\r]/g;
  next.lastIndex = end;
  const at = next.exec(text)?.index ?? text.length;
  return at === text.length || text.charAt(at) === '\n';
}
