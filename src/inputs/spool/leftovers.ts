import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';

/** How the name of a temporary folder begins: it says which process, on which machine, has it. */
export function folderPrefix(): string {
  return `visionbatch-${process.pid}-${encodeURIComponent(hostname())}-`;
}

/** A process that is killed leaves its temporary folders behind: removes those of this user whose process is gone. */
export async function removeLeftovers(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const [, pid, host] = /^visionbatch-(\d+)-(.+)-[A-Za-z0-9]{6}$/.exec(name) ?? [];
    if (pid === undefined || host !== encodeURIComponent(hostname()) || isAlive(Number(pid))) continue;
    const folder = path.join(tmpdir(), name);
    const stats = await lstat(folder).catch(() => null);
    if (stats?.isDirectory() && stats.uid === process.getuid?.()) {
      await rm(folder, { recursive: true, force: true }).catch(() => {}); // another one may remove it too
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: that of another user
  }
}
