import { Buffer } from 'node:buffer';
import type { Failure } from '../../core/errors.js';
import type { Rgba } from '../rgba.js';
import type { Size } from '../sizing.js';

/** What a child that draws SVGs answers. */
export type SvgReply = { readonly raster: Rgba } | { readonly failure: Failure };

type Head = Size | { readonly failure: Failure };

/** A reply as bytes: a line of JSON, then the pixels. */
export function replyBytes(reply: SvgReply): readonly Uint8Array[] {
  if ('failure' in reply) return [lineOf({ failure: reply.failure })];
  const { pixels, width, height } = reply.raster;
  return [lineOf({ width, height }), pixels];
}

/** Reads what {@link replyBytes} wrote. Null for anything else: a child that ended early. */
export function readReply(bytes: Buffer): SvgReply | null {
  const end = bytes.indexOf('\n');
  if (end < 0) return null;
  const head: Head = JSON.parse(bytes.toString('utf8', 0, end));
  if ('failure' in head) return head;
  const pixels = bytes.subarray(end + 1);
  return pixels.length === head.width * head.height * 4 ? { raster: { ...head, pixels } } : null;
}

function lineOf(head: Head): Uint8Array {
  return Buffer.from(`${JSON.stringify(head)}\n`);
}
