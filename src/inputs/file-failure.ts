import { type FailureCode, systemCodeOf, VisionError } from '../core/errors.js';

/** The machine ran short or lost its disk (EIO: also a mount over a network): what was to be read may be well. */
const MACHINE_TROUBLE: ReadonlySet<string> = new Set(
  'EMFILE ENFILE ENOMEM EAGAIN EIO ESTALE ETIMEDOUT ENOTCONN EHOSTDOWN EHOSTUNREACH'.split(' '),
);

/** Why the file system does not let a file be seen or read. A VisionError is passed on as it is. */
export function fileFailure(thrown: unknown, noun: 'archive' | 'file'): VisionError {
  if (thrown instanceof VisionError) return thrown;
  const reason = systemCodeOf(thrown);
  const code = codeOf(reason);
  const options = {
    cause: thrown,
    ...(code === 'IMAGE_FORBIDDEN' ? { fix: 'Give this user the right to read it.' } : {}),
  };
  if (code === 'IMAGE_MISSING') {
    return new VisionError(code, `There is no such ${noun}, or it is a link to one that is gone.`, options);
  }
  const how = code === 'IMAGE_FORBIDDEN' ? 'may not be read' : `cannot be read: ${reason}`;
  return new VisionError(code, `The ${noun} ${how}.`, options);
}

function codeOf(reason: string): FailureCode {
  if (reason === 'ENOENT' || reason === 'ENOTDIR') return 'IMAGE_MISSING';
  if (reason === 'EACCES' || reason === 'EPERM') return 'IMAGE_FORBIDDEN';
  return MACHINE_TROUBLE.has(reason) ? 'UNEXPECTED' : 'IMAGE_UNREADABLE';
}
