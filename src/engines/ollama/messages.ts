import type { ModelRequest } from '../../core/ask.js';
import { VisionError } from '../../core/errors.js';
import type { ChatRequest } from './transport.js';

export type ChatMessage = NonNullable<ChatRequest['messages']>[number];

/** Marks an image's place where the server fills in the prompt itself; elsewhere it would stay as text. */
const MARK = '[img]';

/**
 * The whole conversation as the server takes it, made anew for each request. The images belong to the first user
 * message and to no other: with them before everything that changes, the server's prefix cache reads them once.
 *
 * Several images never stand side by side, because where a template puts nothing around them, two in a row break the
 * server's prompt cache for later requests (500 `Chunk not found` until an unload). Where marks are understood they
 * stand in the first message with a label each; elsewhere each image has a user message of its own before it.
 *
 * Throws ASK_REFUSED where the conversation does not end with a question: the server would load the model and say
 * nothing, or go on with the answer before.
 */
export function messagesOf(request: ModelRequest): ChatMessage[] {
  const { messages, system } = request;
  const first = messages.findIndex(({ role }) => role === 'user');
  if (first < 0 || messages.at(-1)?.role !== 'user') {
    throw new VisionError('ASK_REFUSED', 'The conversation does not end with a question.');
  }
  const turns = messages.flatMap(({ role, text }, at): ChatMessage[] =>
    at === first ? withImages(plain(text), request) : [{ role, content: plain(text) }],
  );
  return system === null ? turns : [{ role: 'system', content: plain(system) }, ...turns];
}

/** The first question with its images. */
function withImages(question: string, { images, profile }: ModelRequest): ChatMessage[] {
  const bytes = images.map((image) => image.bytes);
  const asked: ChatMessage = { role: 'user', content: question };
  if (images.length === 0) return [asked];
  const isMarkedAfter = profile.rendered && profile.imagePlacement === 'after';
  if (images.length === 1) {
    // Without a mark the server puts the image first.
    return [{ ...asked, content: isMarkedAfter ? `${question} ${MARK}` : question, images: bytes }];
  }
  if (!profile.rendered) {
    const shown = bytes.map((one, at): ChatMessage => ({ role: 'user', content: labelOf(at), images: [one] }));
    return profile.imagePlacement === 'after' ? [asked, ...shown] : [...shown, asked];
  }
  const marked = images.map((_, at) => `${labelOf(at)}\n${MARK}`).join('\n');
  return [{ ...asked, content: isMarkedAfter ? `${question}\n${marked}` : `${marked}\n${question}`, images: bytes }];
}

function labelOf(at: number): string {
  return `Image ${at + 1}:`;
}

/** A user's own `[img` would be taken for the place of an image. */
function plain(text: string): string {
  return text.replaceAll('[img', '[ img');
}
