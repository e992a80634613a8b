import { describe, expect, it } from 'vitest';
import { createLogger, type LogOptions } from '../../../src/telemetry/log.js';

function aLog(changes: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  return { lines, log: createLogger({ level: 'info', format: 'pretty', color: false, write, ...changes }) };
}

describe('the log', () => {
  it('is a line for people, written before the call returns', () => {
    const { lines, log } = aLog();
    log.warn('host left', { host: 'http://gpu1:11434', after: 3 });
    expect(lines).toEqual([
      expect.stringMatching(/^\[\d\d:\d\d:\d\d\] WARN: host left \{"host":"http:\/\/gpu1:11434","after":3\}$/),
    ]);
  });

  it('is an object a line as JSON', () => {
    const { lines, log } = aLog({ format: 'json' });
    log.error('host left', { host: 'h' });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'error', msg: 'host left', host: 'h' }]);
  });

  it('says nothing below its level', () => {
    const { lines, log } = aLog({ level: 'warn' });
    log.debug('a');
    log.info('b');
    expect(lines).toEqual([]);
  });

  it.each(['pretty', 'json'] as const)('never prints a secret as %s', (format) => {
    const { lines, log } = aLog({ format });
    log.info('connecting to redis://user:hunter2@r:6379', {
      url: 'http://me:hunter2@gpu1:11434',
      password: 'hunter2',
      request: { headers: { authorization: 'hunter2' } },
    });
    expect(lines.join()).toContain('redis://user:***@r:6379');
    expect(lines.join()).not.toContain('hunter2');
  });

  it('has no colours where none are wanted', () => {
    const [plain, coloured] = [aLog(), aLog({ color: true })];
    plain.log.info('a');
    coloured.log.info('a');
    expect(plain.lines.join()).not.toContain('\u001b');
    expect(coloured.lines.join()).toContain('\u001b');
  });
});
