import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { reportFailure } from '../../../src/cli/failed.js';
import { EXIT, ExitError } from '../../../src/core/exit.js';

it.each([
  ['a URL', 'redis://u:s3cret@h:1/0'],
  ["a Redis URL's query", 'redis://h/0?password=s3cret'],
  ["another URL's query", 'http://h/a?user=u&password=s3cret&x=1'],
])('never tells the password of %s', (_, url) => {
  const stderr = new PassThrough();
  const failure = new ExitError(EXIT.dependency, `${url} does not answer.`, { fix: url, cause: new Error(url) });
  const told = { stderr: stderr as unknown as NodeJS.WriteStream, version: '1', withStack: true };
  expect(reportFailure(failure, told)).toBe(EXIT.dependency);
  expect(reportFailure(new Error(url), told)).toBe(EXIT.bug);
  const said = String(stderr.read());
  expect(said).toContain('***');
  expect(said).not.toContain('s3cret');
});
