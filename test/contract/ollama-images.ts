import { deflateSync } from 'node:zlib';

/** Kinds that stand in the recordings' placeholders. */
export type ImageKind = 'png' | 'jpeg' | 'webp';

/** An image of exactly that many bytes, 64 × 64 pixels. The JPEG has no picture data, the WebP is animated. */
export function imageOfBytes(kind: ImageKind, bytes: number): Buffer {
  if (kind === 'png') return png(bytes);
  return kind === 'jpeg' ? jpeg(bytes) : animatedWebp(bytes);
}

function png(bytes: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(64, 0);
  header.writeUInt32BE(64, 4);
  header.set([8, 0, 0, 0, 0], 8); // 8-bit grey
  const pixels = deflateSync(Buffer.alloc(64 * 65));
  const fixed = 8 + (12 + 13) + (12 + pixels.length) + 12 + 12;
  const filler = Buffer.alloc(bytes - fixed, 'x'); // a text chunk makes up the size
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const chunks = [pngChunk('IHDR', header), pngChunk('tEXt', filler), pngChunk('IDAT', pixels)];
  return Buffer.concat([signature, ...chunks, pngChunk('IEND', Buffer.alloc(0))]);
}

/** The checksum is left zero: the server under test looks at sizes only. */
function pngChunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
}

function jpeg(bytes: number): Buffer {
  const frame = Buffer.from('ffc0000b080040004001011100', 'hex');
  const scan = Buffer.alloc(bytes - 2 - frame.length - 2, 0);
  return Buffer.concat([Buffer.from('ffd8', 'hex'), frame, scan, Buffer.from('ffd9', 'hex')]);
}

function animatedWebp(bytes: number): Buffer {
  const file = Buffer.alloc(bytes);
  file.write('RIFF', 0);
  file.writeUInt32LE(bytes - 8, 4);
  file.write('WEBPVP8X', 8);
  file.writeUInt32LE(10, 16);
  file[20] = 0x02; // animation
  return file;
}
