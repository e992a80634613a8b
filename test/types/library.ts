/** Compiled, never run: what the library's types promise. A promise that is broken does not compile. */
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import {
  type AskImageResult,
  askImage,
  type Batch,
  defineTask,
  type FailureCode,
  type Json,
  type RecordOf,
  runBatch,
  type Task,
} from '../../src/index.js';

const receipt = z.object({
  vendor: z.string(),
  total: z.number(),
  paid: z.coerce.date().optional(),
  tags: z.array(z.enum(['food', 'travel'])).nullable(),
});
interface Receipt {
  vendor: string;
  total: number;
  paid?: string | undefined;
  tags: ('food' | 'travel')[] | null;
}

const task = defineTask({ name: 'receipt', prompt: 'Read this receipt.', schema: receipt });
const textTask = defineTask({ name: 'alt-text', prompt: 'Describe {{file.name}}.' });
expectTypeOf(task).toEqualTypeOf<Task<z.output<typeof receipt>>>();
expectTypeOf(textTask).toEqualTypeOf<Task<null>>();

/** A schema's type reaches the data of a result, once its status is known to be ok. */
export async function ofResults(): Promise<void> {
  const result = await askImage({ images: 'a.jpg', prompt: 'Read.', schema: receipt });
  // @ts-expect-error what there is of a bad answer has no such shape
  void result.data.total;
  if (result.status === 'ok') {
    expectTypeOf(result.data).toEqualTypeOf<Receipt>();
    expectTypeOf(result.error).toEqualTypeOf<null>();
    expectTypeOf(result.record.data).toEqualTypeOf<Receipt>();
  } else if (result.status === 'blank') {
    expectTypeOf(result.data).toEqualTypeOf<null>();
  } else {
    expectTypeOf(result.error.code).toEqualTypeOf<FailureCode>();
  }
  const byTask = await askImage({ images: [new Uint8Array(), new URL('https://example.com/a.jpg')], task });
  if (byTask.status === 'ok') expectTypeOf(byTask.data.vendor).toEqualTypeOf<string>();
  const plain = await askImage({ images: 'a.jpg', prompt: 'What?', history: byTask.history });
  expectTypeOf(plain).toEqualTypeOf<AskImageResult<null>>();
  if (plain.status === 'ok') expectTypeOf(plain.data).toEqualTypeOf<null>();
}

/** A question is about one page; which of many files' pages and frames are taken is a batch's to say. */
export async function ofPages(): Promise<void> {
  await askImage({ images: 'a.pdf', prompt: 'What?', pages: 2 });
  // @ts-expect-error a question is about one page
  await askImage({ images: 'a.pdf', prompt: 'What?', pages: '1-3' });
  // @ts-expect-error and about one frame
  await askImage({ images: 'a.gif', prompt: 'What?', frames: 'all' });
  runBatch({ task: 'ocr', inputs: 'scans', pages: '1-3', frames: 'all', dedupe: true });
}

/** It reaches the records of a batch likewise. */
export async function ofBatches(): Promise<void> {
  expectTypeOf(runBatch({ task: 'ocr', inputs: 'scans' })).toEqualTypeOf<Batch<null>>();
  expectTypeOf(runBatch({ task: textTask, inputs: ['scans'] })).toEqualTypeOf<Batch<null>>();
  for await (const record of runBatch({ task, inputs: [{ id: 'a', images: new Uint8Array() }] })) {
    expectTypeOf(record).toEqualTypeOf<RecordOf<z.output<typeof receipt>>>();
    if (record.status === 'ok') expectTypeOf(record.data).toEqualTypeOf<Receipt>();
  }
  for await (const { data, status } of runBatch({ task: 'extract', schema: z.array(z.string()), inputs: 'a' })) {
    if (status === 'ok') expectTypeOf(data).toEqualTypeOf<string[]>();
  }
}

/** What JSON has no word for is what a record holds of it. */
export function ofJson(): void {
  expectTypeOf<Json<{ readonly at: Date; readonly ids: Set<bigint>; readonly by: Map<string, Date> }>>().toEqualTypeOf<{
    readonly at: string;
    readonly ids: (number | string)[];
    readonly by: Record<string, string>;
  }>();
  expectTypeOf<Json<[string, number?]>>().toEqualTypeOf<[string, number?]>();
  expectTypeOf<Json<unknown>>().toEqualTypeOf<unknown>();
}

/** A wrong option does not compile. */
export function refused(): void {
  // @ts-expect-error no such option
  void askImage({ images: 'a.jpg', prompt: 'What?', temprature: 1 });
  // @ts-expect-error no such task
  void askImage({ images: 'a.jpg', task: 'read' });
  // @ts-expect-error a number is no image
  void askImage({ images: 7, prompt: 'What?' });
  // @ts-expect-error not a type, but what one describes
  void askImage({ images: 'a.jpg', prompt: 'What?', schema: { type: 'object' } });
  // @ts-expect-error no such role
  void askImage({ prompt: 'What?', history: [{ role: 'system', content: 'Be brief.' }] });
  // @ts-expect-error a task is needed
  runBatch({ inputs: 'scans' });
  // @ts-expect-error extract needs a schema
  runBatch({ task: 'extract', inputs: 'scans' });
  // @ts-expect-error no other task takes one
  runBatch({ task: 'ocr', schema: receipt, inputs: 'scans' });
  // @ts-expect-error a task of your own has its own
  runBatch({ task, schema: receipt, inputs: 'scans' });
  // @ts-expect-error inputs are needed
  runBatch({ task: 'ocr' });
  // @ts-expect-error not one of its words
  runBatch({ task: 'ocr', inputs: 'scans', format: 'html' });
  // @ts-expect-error a duration has a unit
  runBatch({ task: 'ocr', inputs: 'scans', itemTimeout: 60 });
  // @ts-expect-error an item has an id
  runBatch({ task: 'ocr', inputs: [{ images: 'a.jpg' }] });
  // @ts-expect-error a task has a prompt
  defineTask({ name: 'x' });
}
