import type { Settings } from '../../config/schema.js';
import type { Logger } from '../core/telling.js';
import { createProgress, resolveProgressMode } from '../telemetry/create-progress.js';
import { createLogger } from '../telemetry/log.js';
import type { Progress } from '../telemetry/progress.js';
import type { Io } from './io.js';

/** A plain line is written this often. */
const PROGRESS_EVERY_MS = 10_000;

/** How a command speaks: progress and log lines share stderr, and no panel tears a line. */
export interface Telling {
  readonly logger: Logger;
  readonly progress: Progress;
}

export async function tellingOf(settings: Settings, io: Io): Promise<Telling> {
  const { stderr, surroundings } = io;
  const facts = { isTty: stderr.isTTY === true, ci: surroundings.ci, term: surroundings.term };
  const mode = settings.quiet ? 'none' : resolveProgressMode(settings.progress, facts);
  const progress = await createProgress({ mode, stream: stderr, everyMs: PROGRESS_EVERY_MS, clock: Date.now });
  const pretty = settings.logFormat === 'pretty' || (settings.logFormat === 'auto' && mode !== 'json');
  const logger = createLogger({
    level: settings.quiet ? 'error' : settings.verbose ? 'debug' : 'info',
    format: pretty ? 'pretty' : 'json',
    color: settings.color === 'always' || (settings.color === 'auto' && facts.isTty && stderr.hasColors()),
    write: (line) => progress.note(line),
  });
  return { logger, progress };
}
