import { parquetWriteBuffer } from 'hyparquet-writer';

/** Bytes that are told as a PNG; no decoder would take them. */
export function pngLike(text: string, bytes = 64): Buffer {
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(text.padEnd(bytes, '.'))]);
}

type Options = Omit<Parameters<typeof parquetWriteBuffer>[0], 'columnData'>;
type Column = Parameters<typeof parquetWriteBuffer>[0]['columnData'][number];

/** A Parquet file of these columns. */
export function parquet(columnData: Column[], options: Options = {}): Buffer {
  return Buffer.from(parquetWriteBuffer({ columnData, ...options }));
}

/** The schema of a column of images as Hugging Face's datasets library writes it, and of others beside it. */
export function withImages(...others: NonNullable<Options['schema']>): NonNullable<Options['schema']> {
  return [
    { name: 'root', num_children: 1 + others.length },
    { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
    { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
    { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ...others,
  ];
}
