import { type Level, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { redact } from '../core/redact.js';
import type { Logger } from '../core/telling.js';

export interface LogOptions {
  /** The least that is said; `silent` says nothing. */
  readonly level: Level | 'silent';
  /** `pretty` for people, `json` one object a line. */
  readonly format: 'pretty' | 'json';
  readonly color: boolean;
  /** Takes each line without its line end, at once: a panel's `note`, or a stream's `write` behind a line end. */
  readonly write: (line: string) => void;
}

/** Fields whose values are nobody's business, wherever they stand. */
const SECRETS = ['password', 'apiKey', 'token', 'authorization', 'cookie'];

/** A logger whose lines are written before the call returns, with secret fields and the passwords of URLs left out. */
export function createLogger({ level, format, color, write }: LogOptions): Logger {
  const pretty = prettyFactory({
    colorize: color,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  const log = pino(
    {
      level,
      redact: { paths: SECRETS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '***' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line) => {
        const clean = redact(line);
        write((format === 'pretty' ? pretty(clean) : clean).trimEnd());
      },
    },
  );
  const say =
    (at: Level) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      log[at](fields, message);
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}
