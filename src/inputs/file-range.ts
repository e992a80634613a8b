/** Some bytes of a file. */
export interface ByteRange {
  /** From the file's start. */
  readonly at: number;
  readonly length: number;
}

/** What any bytes can be read of, such as an open file. */
export interface RandomBytes {
  /** Puts bytes from `position` on into `into`, from `offset` on; none where there are no more. */
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** Reads a range of an open file; null where the file ends before it does. */
export async function readRange(
  handle: RandomBytes,
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
