import { randomUUID } from 'node:crypto';

/**
 * The images of one request. In the JSON that ollama-js writes each is a short mark, which gives way to the image as the
 * body is made: base64 is most of a body, and needs no look for what JSON would have to escape.
 */
export class SentImages {
  readonly #mark = randomUUID(); // in no question
  readonly #images: Uint8Array[] = [];

  /** What stands for an image in the JSON, in which marks have the order of their images. */
  mark(image: Uint8Array): string {
    this.#images.push(image);
    return this.#mark;
  }

  /** The body as it is sent. */
  body(json: string): string | Uint8Array {
    const images = this.#images.splice(0);
    const texts = json.split(this.#mark);
    if (texts.length !== images.length + 1) throw new Error(`Expected ${images.length} marks, got ${texts.length - 1}`);
    if (images.length === 0) return json;
    const body = Buffer.allocUnsafe(images.reduce((sum, image) => sum + base64Length(image), Buffer.byteLength(json)));
    let length = 0;
    for (const [at, text] of texts.entries()) {
      length += body.write(text, length);
      const image = images[at];
      if (image !== undefined) length += writeBase64(image, body, length);
    }
    return body.subarray(0, length); // without the room that marks had
  }
}

/** Bytes that are encoded at once, in threes: V8 makes strings of this size far faster than one of all of an image. */
const PART = 3 * 8_192;

/** Writes an image from `start` on; returns the length written. */
function writeBase64({ buffer, byteLength, byteOffset }: Uint8Array, into: Buffer, start: number): number {
  const image = Buffer.from(buffer, byteOffset, byteLength);
  let end = start;
  for (let at = 0; at < byteLength; at += PART) {
    end += into.write(image.toString('base64', at, at + PART), end, 'latin1');
  }
  return end - start;
}

function base64Length({ length }: Uint8Array): number {
  return 4 * Math.ceil(length / 3);
}
