import { z } from 'zod';
import type { RequestLog } from './exchange.js';

const messageSchema = z.object({
  role: z.string(),
  content: z.string(),
  /** SHA-256 in hex of each image. */
  images: z.array(z.string()).default([]),
});

const bodySchema = z.object({
  messages: z.array(messageSchema).min(1),
  format: z.unknown().optional(),
  options: z.record(z.string(), z.unknown()),
});

/** A question as it was sent, and what became of the request. */
export interface SentChat extends z.infer<typeof bodySchema> {
  readonly log: RequestLog;
}

/** The questions among the requests, in order of arrival; preloads and everything else left out. */
export function chatsOf(logs: readonly RequestLog[]): readonly SentChat[] {
  return logs.flatMap((log) => {
    const body = bodySchema.safeParse(log.body);
    return log.path === '/api/chat' && body.success ? [{ ...body.data, log }] : [];
  });
}

/** The images of a question, in order. */
export function imagesSent({ messages }: SentChat): readonly string[] {
  return messages.flatMap(({ images }) => images);
}
