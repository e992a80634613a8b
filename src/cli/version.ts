import { existsSync, readFileSync } from 'node:fs';

/** The version in package.json, which is two folders up from the sources and three from the built files. */
export function productVersion(): string {
  const file = ['../../package.json', '../../../package.json']
    .map((path) => new URL(path, import.meta.url))
    .find(existsSync);
  const parsed: unknown = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
