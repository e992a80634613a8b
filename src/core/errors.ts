/**
 * What happens next when something goes wrong with an item.
 * - `fail`: not again in this start; the file or the question will not change by itself.
 * - `retry`: again, counted against `attempts`.
 * - `requeue`: again, elsewhere or later, not counted: nothing is wrong with the item.
 * - `leave`: the host leaves the run and is tried again later.
 * - `stop`: the run cannot go on.
 */
export type Fate = 'fail' | 'retry' | 'requeue' | 'leave' | 'stop';

/** Every way an item can fail → what happens next. Append only: codes end up in results. */
export const FAILURES = {
  IMAGE_MISSING: 'fail',
  /** No permission, outside the roots, or a link that leads out of them. */
  IMAGE_FORBIDDEN: 'fail',
  IMAGE_UNREADABLE: 'fail',
  IMAGE_TRUNCATED: 'fail',
  IMAGE_TOO_LARGE: 'fail',
  IMAGE_UNSUPPORTED: 'fail',
  NAME_NOT_UTF8: 'fail',
  FOLDER_UNREADABLE: 'fail',
  PDF_ENCRYPTED: 'fail',
  PDF_UNREADABLE: 'fail',
  URL_FORBIDDEN: 'fail',
  ITEM_CRASHES_HOST: 'fail',
  ITEM_CRASHES_WORKER: 'fail',
  ITEM_TIMEOUT: 'fail',
  /** A 400 of its own, once other items of the run were answered. */
  REQUEST_REFUSED: 'fail',

  ANSWER_LOOPED: 'retry',
  ANSWER_TRUNCATED: 'retry',
  ANSWER_EMPTY: 'retry',
  ANSWER_INVALID: 'retry',
  ANSWER_STALLED: 'retry',
  CONTEXT_EXCEEDED: 'retry',
  URL_FETCH: 'retry',
  UNEXPECTED: 'retry',

  /** Also a proxy's 502 and 504. */
  HOST_UNREACHABLE: 'requeue',
  HOST_BUSY: 'requeue',
  HOST_CRASHED: 'requeue',
  /** Connecting, looking at the models or preloading took too long. */
  HOST_TIMEOUT: 'requeue',

  MODEL_MISSING: 'leave',
  MODEL_NOT_VISION: 'leave',
  MODEL_DIGEST_DIFFERS: 'leave',
  MODEL_LOAD_FAILED: 'leave',
  /** 401 or 403, or a certificate that is not trusted. */
  HOST_FORBIDDEN: 'leave',
  /** A proxy's HTML 413 page. */
  HOST_REFUSED: 'leave',
  /** No room for a model that was to be pulled. */
  HOST_DISK_FULL: 'leave',
  /** S3 takes the credentials of this machine no longer, or has not got any. */
  STORAGE_FORBIDDEN: 'leave',

  /** The question itself (format, think, option, schema) was refused before any item was answered. */
  ASK_REFUSED: 'stop',
  OUTPUT_LOST: 'stop',
  STORE_FAILED: 'stop',
} as const satisfies Record<string, Fate>;

export type FailureCode = keyof typeof FAILURES;
export const FAILURE_CODES = Object.keys(FAILURES) as [FailureCode, ...FailureCode[]];

/** An item's terminal state, as it stands in its row. Every status but `ok` and `blank` carries an error. */
export const STATUSES = ['ok', 'blank', 'truncated', 'looped', 'empty', 'invalid', 'failed'] as const;
export type Status = (typeof STATUSES)[number];

const STATUS_OF_ANSWER: Partial<Record<FailureCode, Status>> = {
  ANSWER_LOOPED: 'looped',
  ANSWER_TRUNCATED: 'truncated',
  ANSWER_EMPTY: 'empty',
  ANSWER_INVALID: 'invalid',
};

/** The status of a row that ends with this failure. */
export function statusOf(code: FailureCode): Status {
  return STATUS_OF_ANSWER[code] ?? 'failed';
}

/**
 * Whether the environment broke the item, so that the same command asks it again without a flag.
 * Bad files and bad answers are asked again only when the file or the ask changed.
 */
export function isEnvironmental(code: FailureCode): boolean {
  return code.startsWith('HOST_') || ENVIRONMENTAL.has(code);
}
const ENVIRONMENTAL: ReadonlySet<FailureCode> = new Set([
  'ITEM_CRASHES_HOST',
  'URL_FETCH',
  'UNEXPECTED',
  'IMAGE_MISSING',
  'IMAGE_FORBIDDEN',
  'FOLDER_UNREADABLE',
  'STORAGE_FORBIDDEN',
] as const);

/** Whether a failure says of a file what another machine may see otherwise. */
export function isFileClaim(code: FailureCode): boolean {
  return code === 'IMAGE_MISSING' || code === 'IMAGE_FORBIDDEN';
}

/** Whether a failure says that nothing answers at the host: neither that it is busy nor that it answers wrongly. */
export function isSilence(code: FailureCode | null): boolean {
  return code === 'HOST_UNREACHABLE' || code === 'HOST_TIMEOUT';
}

/** Whether a server's words say that memory was too small for what it was to do. */
export function lacksMemory(sentence: string): boolean {
  return /out.of.memory|more system memory/i.test(sentence);
}

/** What an item's failure says to a person. */
export interface Failure {
  readonly code: FailureCode;
  /** One sentence on what happened and, where there is one, one on what to do. */
  readonly message: string;
}

export interface VisionErrorOptions {
  /** What to do about it, one sentence. */
  readonly fix?: string;
  readonly cause?: unknown;
  readonly partialText?: string;
  /** A crash, or a way to the host that is cut, that was not the doing of the item that met it. */
  readonly blameless?: boolean;
}

/** A failure with a code of the table. Across a process only {@link Failure} survives. */
export class VisionError extends Error {
  override readonly name = 'VisionError';
  readonly code: FailureCode;
  /** The message without its code. */
  readonly sentence: string;
  /** What had arrived of an answer that was ended. */
  readonly partialText: string | undefined;
  /** Whether a crash, or a way to the host that is cut, was not the doing of the item that met it. */
  readonly blameless: boolean;

  constructor(code: FailureCode, sentence: string, options: VisionErrorOptions = {}) {
    const full = options.fix === undefined ? sentence : `${sentence} ${options.fix}`;
    super(`${code}: ${full}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.sentence = full;
    this.partialText = options.partialText;
    this.blameless = options.blameless ?? false;
  }

  get fate(): Fate {
    return FAILURES[this.code];
  }

  toFailure(): Failure {
    return { code: this.code, message: this.sentence };
  }
}

/** Wraps whatever was thrown, so that every failure has a code: a thrown non-VisionError is UNEXPECTED. */
export function toVisionError(thrown: unknown): VisionError {
  if (thrown instanceof VisionError) return thrown;
  return new VisionError('UNEXPECTED', messageOf(thrown), { cause: thrown });
}

/** The text of anything thrown: an Error's message, a string itself, anything else as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The code that the system gives an error, such as `ENOENT`; the text of anything else that is thrown. */
export function systemCodeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : String(thrown);
}
