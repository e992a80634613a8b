import type { FileHandle } from 'node:fs/promises';

/** Some bytes of a file. */
export interface ByteRange {
  /** From the file's start. */
  readonly at: number;
  readonly length: number;
}

/** Reads a range of an open file; null where the file ends before it does. */
export async function readRange(
  handle: Pick<FileHandle, 'read'>,
  { at, length }: ByteRange,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) return null;
    done += bytesRead;
  }
  return bytes;
}
