import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { messageOf } from '../core/errors.js';
import { EXIT, type ExitCode, ExitError } from '../core/exit.js';
import { redact } from '../core/redact.js';

/** How a failure is to be told. */
export interface Failed {
  readonly stderr: NodeJS.WriteStream;
  readonly version: string;
  readonly withStack: boolean;
}

/** Tells what was thrown, and with which code the process ends. */
export function reportFailure(thrown: unknown, { stderr, version, withStack }: Failed): ExitCode {
  const say = (label: string, text: string): void => {
    const color = label === 'error:' ? 'red' : 'cyan';
    stderr.write(`${styleText(color, label, { stream: stderr })} ${redact(text)}\n`);
  };
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage; // it has spoken already
  if (thrown instanceof ExitError) {
    for (const line of thrown.message.split('\n')) say('error:', line);
    if (thrown.fix !== undefined) say('fix:', thrown.fix);
    if (withStack && thrown.cause !== undefined) stderr.write(`${stackOf(thrown.cause)}\n`);
    return thrown.exitCode;
  }
  say('error:', `this is a bug of visionbatch ${version}: ${messageOf(thrown)}`);
  if (withStack) stderr.write(`${stackOf(thrown)}\n`);
  else say('fix:', 'the same command with -v prints where it happened; please report it');
  return EXIT.bug;
}

function stackOf(thrown: unknown): string {
  return redact(thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown));
}
