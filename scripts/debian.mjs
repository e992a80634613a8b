// What tests need of the system beyond Node: looked for, and installed where root and apt-get may.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture, problemOf, step } from './steps.mjs';

/** Whether a program is on PATH. */
export function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

/** Whether a package was installed; false, too, where that is nothing that this process may do. */
export async function installed(name) {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return false;
  return step(`apt-get install ${name}`, () => aptGet(name));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function aptGet(name) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    problemOf(capture('apt-get', ['update', '-qq'], { env })) ??
    problemOf(capture('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { env }))
  );
}
