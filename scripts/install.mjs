// Installs what package-lock.json says, where node_modules is missing or older than it.
import { statSync } from 'node:fs';
import { capture, problemOf, say, step } from './steps.mjs';

const NEEDS_NODE = [20, 20];

/** Ends the process where Node is too old or npm fails. */
export async function install() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NEEDS_NODE[0] || (major === NEEDS_NODE[0] && minor < NEEDS_NODE[1])) {
    say(`Expected Node ${NEEDS_NODE.join('.')} or newer, got ${process.version}.`);
    process.exit(3);
  }
  if (mtimeMs('node_modules/.package-lock.json') >= mtimeMs('package-lock.json')) return;
  const installed = await step('npm ci', () => problemOf(capture('npm', ['ci', '--no-audit', '--no-fund'])));
  if (!installed) process.exit(3);
}

function mtimeMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
