import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Types of statfs(2) whose files LMDB must not map into memory. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x786f4256, 'a shared folder of VirtualBox'],
]);

/** What a network or user-space file system is called; null for a local one. */
export function networkName(type: number): string | null {
  return NETWORK.get(type >>> 0) ?? null;
}

/** The type that statfs(2) gives for a path, or for its nearest folder that exists. */
export async function fileSystemType(path: string): Promise<number> {
  return (await statfs(nearest(path))).type;
}

/** Bytes that may still be written where a path lies. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(nearest(path));
  return bavail * bsize;
}

function nearest(path: string): string {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}
