import { Buffer } from 'node:buffer';
import { EXIT, ExitError } from '../core/exit.js';
import { SNIFF_BYTES } from '../core/sniff.js';
import { type SpooledTable, spooledTable, tableKindOf } from './tables/spooled-table.js';

/** How stdin is named among the inputs. */
export const STDIN = '-';

/** What came on stdin: a table of images, or one image or document itself. */
export type StdinInput = { readonly table: SpooledTable } | { readonly bytes: Uint8Array };

/**
 * Reads stdin to its end: a table goes into a temporary file, anything else is held.
 *
 * @throws ExitError 2 where it is empty, or larger than an image may be
 */
export async function readStdin(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<StdinInput> {
  const chunks = stream[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let size = 0;
  while (size < SNIFF_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    head.push(next.value);
    size += next.value.length;
  }
  const opening = Buffer.concat(head);
  if (opening.length === 0) {
    throw new ExitError(EXIT.usage, 'Expected an image or a table on stdin, got nothing.', {
      fix: 'See what the command before it says.',
    });
  }
  const table = tableKindOf(opening.subarray(0, SNIFF_BYTES));
  const all = joined(opening, chunks);
  return table === null ? { bytes: await bytesOf(all, maxBytes) } : { table: await spooledTable(all, table) };
}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function bytesOf(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new ExitError(EXIT.usage, `Expected an image of at most ${maxBytes} bytes on stdin, got a larger one.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
