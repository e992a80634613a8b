// npm run check: everything that can be said of the code without running it.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { rulesThatDoNotFire } from './planted.mjs';
import { capture, problemOf, ROOT, step, tool } from './steps.mjs';

const SOURCES = ['src', 'jobs', 'workers', 'config'];
const RULES_FILE = join(ROOT, '.dependency-cruiser.cjs');

await install();

const passed = [
  await build(),
  await step('biome', () => problemOf(node('@biomejs/biome/bin/biome', ['check', '.']))),
  await step('layers', layers),
  await step('layers: every rule fires on a planted violation', planted),
  await step('only config/ reads the environment', environment),
  await step('knip', () => problemOf(node('knip/bin/knip.js', ['--no-progress']))),
  await step('publint', () => problemOf(node('publint/src/cli.js', ['run', '--strict']))),
];
process.exitCode = passed.every(Boolean) ? 0 : 1;

function node(path, args, options) {
  return capture(process.execPath, [tool(path), ...args], options);
}

function cruise(cwd, paths) {
  const args = ['--config', RULES_FILE, '--output-type', 'json', ...paths];
  const { stdout, output } = node('dependency-cruiser/bin/dependency-cruise.mjs', args, { cwd });
  if (!stdout.startsWith('{')) throw new Error(output);
  return JSON.parse(stdout).summary;
}

function layers() {
  const { violations, totalCruised } = cruise(ROOT, SOURCES);
  if (totalCruised < 20) return `Expected to see the sources, got ${totalCruised} modules: nothing was checked.`;
  const lines = violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  return lines.length === 0 ? undefined : lines.join('\n');
}

function planted() {
  const rules = createRequire(import.meta.url)(RULES_FILE).forbidden.map(({ name }) => name);
  const silent = rulesThatDoNotFire(rules, cruise);
  return silent.length === 0 ? undefined : `Expected these to fire: ${silent.join(', ')}`;
}

/** The command's main file hands the environment to config; nothing else touches it. */
function environment() {
  const readers = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
  )
    .filter((file) => file.endsWith('.ts') && !file.startsWith('config/') && file !== 'src/cli/main.ts')
    .filter((file) => /\bprocess\s*\.\s*env\b|\bprocess\[/.test(readFileSync(file, 'utf8')));
  return readers.length === 0 ? undefined : readers.join('\n');
}
