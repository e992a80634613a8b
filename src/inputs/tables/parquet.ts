import type { FileHandle } from 'node:fs/promises';
import type { ParquetFile } from './parquet-file.js';

/** Opens a Parquet file; the packages that read it are loaded with the first one. Throws as {@link ParquetFile.of} does. */
export async function parquetIn(handle: FileHandle): Promise<ParquetFile> {
  const { ParquetFile } = await import('./parquet-file.js');
  return await ParquetFile.of(handle);
}
