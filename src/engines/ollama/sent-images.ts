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
    if (images.length === 0) return json;
    const texts = json.split(this.#mark);
    const body = Buffer.allocUnsafe(images.reduce((sum, image) => sum + base64Length(image), Buffer.byteLength(json)));
    let length = 0;
    for (const [at, text] of texts.entries()) {
      length += body.write(text, length);
      const image = images[at];
      if (image !== undefined) length += body.write(base64(image), length, 'latin1');
    }
    return body.subarray(0, length); // without the room that marks had
  }
}

function base64({ buffer, byteLength, byteOffset }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function base64Length({ length }: Uint8Array): number {
  return 4 * Math.ceil(length / 3);
}
