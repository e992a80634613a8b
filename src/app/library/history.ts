import type { VisionJob } from '../../../jobs/vision-job.js';
import { Conversation } from '../../../workers/conversation.js';
import type { Ask, ChatTurn } from '../../core/ask.js';
import type { VisionRecord } from '../../core/record.js';
import { usageError } from './errors.js';
import type { Image } from './image.js';

/** One message of a conversation about images. */
export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
  /** What the conversation is about: of the first message, a user's, and of no other. */
  readonly images?: readonly Image[];
}

/** A conversation so far. */
export interface Talk {
  readonly turns: readonly ChatTurn[];
  readonly images: readonly Image[];
}

/**
 * A conversation that a program hands in, for its next question.
 *
 * @param images - those given beside it
 * @throws VisionBatchError 2 where it is no conversation, or where there are no images, or two sets of them
 */
export function talkOf(history: readonly ChatMessage[], images: readonly Image[]): Talk {
  for (const [at, message] of history.entries()) refuseMessage(message, at);
  if (history.length % 2 === 1) throw wrong('', "to end with the assistant's answer", 'a question');
  const known = history[0]?.images ?? [];
  if (known.length > 0 && images.length > 0) throw usageError('Expected images in `images` or in `history`, got both');
  if (known.length + images.length === 0) throw usageError('Expected `images` to hold an image, got none');
  const turns = history.map(({ content, role }) => ({ role, text: content }));
  return { turns, images: [...known, ...images] };
}

function refuseMessage({ content, images = [], role }: ChatMessage, at: number): void {
  const expected = at % 2 === 0 ? 'user' : 'assistant';
  if (role !== expected) throw wrong(`[${at}].role`, `to be ${expected}`, JSON.stringify(role));
  if (typeof content !== 'string' || content.trim() === '') throw wrong(`[${at}].content`, 'to be text', 'none');
  if (at > 0 && images.length > 0) {
    throw wrong(`[${at}]`, 'to have no images: they stand in the first message', `${images.length}`);
  }
}

function wrong(place: string, expected: string, got: string): Error {
  return usageError(`Expected \`history${place}\` ${expected}, got ${got}`);
}

/** What was asked, and what came of it. */
interface Exchange {
  readonly ask: Ask;
  readonly job: VisionJob;
  readonly record: VisionRecord;
}

/** The conversation with what was answered now, its images in the first message. What was not answered is not in it. */
export function continued(talk: Talk, { ask, job, record }: Exchange): readonly ChatMessage[] {
  const answers = answersOf(record);
  const said = new Conversation(ask, job, talk.turns).messages({ answers: [...answers] }, false);
  const turns = answers.length === 0 ? talk.turns : said.slice(0, talk.turns.length + 2 * answers.length);
  return turns.map(
    ({ role, text }, at): ChatMessage => ({ role, content: text, ...(at === 0 ? { images: talk.images } : {}) }),
  );
}

function answersOf({ answers, data, label, status, text }: VisionRecord): readonly string[] {
  if (answers !== null) return answers.map((answer) => answer.text);
  if (status !== 'ok') return [];
  if (label !== null) return [JSON.stringify(Array.isArray(label) ? { labels: label } : { label })];
  return [text ?? JSON.stringify(data)];
}
