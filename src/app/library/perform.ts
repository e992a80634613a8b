import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { processPlace } from '../../../config/place.js';
import type { Settings } from '../../../config/schema.js';
import { surroundingsOf } from '../../../config/surroundings.js';
import { productVersion } from '../../cli/version.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { Tally } from '../../core/tally.js';
import { type Logger, SILENT } from '../../core/telling.js';
import type { Io } from '../io.js';
import type { RecordSink } from '../outputs.js';
import { type Resources, withResources } from '../resources.js';
import { asExit } from '../run/fatal.js';
import { type BatchCommand, exitCodeOf, performBatch } from '../run.js';
import { Shutdown } from '../shutdown.js';
import type { Telling } from '../telling.js';
import type { BatchOptions, BatchSummary } from './batch-options.js';
import { chosenTask, promptAsQuestion } from './choice.js';
import { toVisionBatchError, usageError } from './errors.js';
import { inputsOf } from './items.js';
import { settingsOf } from './settings.js';

/** How a batch is stopped, and who takes its records. */
export interface PerformOptions {
  /** Stops it in order, as the first Ctrl-C does. */
  readonly signal: AbortSignal;
  readonly sink: RecordSink;
}

/** What the store of a run without a name is called. */
const NAME = 'batch';

/** Runs a batch from its first item to its release. Throws VisionBatchError. */
export async function perform<T>(options: BatchOptions<T>, { signal, sink }: PerformOptions): Promise<BatchSummary> {
  const startedMs = performance.now();
  try {
    return await withResources(async (resources) => {
      const command = await commandOf(options, resources);
      const { settings } = command;
      const telling = tellingOf(options);
      const shutdown = stoppedBy(signal, { settings, logger: telling.logger }, resources);
      const around = { io: ioOf(), telling, shutdown, sink };
      const { outputs, session } = await performBatch(command, around, resources);
      return {
        end: session.end,
        exitCode: programExitCode(exitCodeOf(session, settings, shutdown.exitCode)),
        counts: session.counts,
        made: session.made,
        outputs: await outputs.ends(),
        elapsedMs: performance.now() - startedMs,
      };
    });
  } catch (error) {
    if (error instanceof ExitError && error.exitCode === EXIT.interrupted) return stoppedAtOnce(startedMs);
    throw toVisionBatchError(asExit(error));
  }
}

/** What the command line would have been started with. */
async function commandOf<T>(options: BatchOptions<T>, resources: Resources): Promise<BatchCommand> {
  const { inputs, logger: _, progress: __, schema, signal: ___, task, ...given } = options;
  const cwd = process.cwd();
  if (task === undefined) throw usageError('Expected `task` to be ocr, caption, … or a task of your own, got none');
  const chosen = chosenTask({ task, schema });
  const named = await settingsOf(promptAsQuestion({ ...given }, { task, schema }), chosen.task);
  const listed = inputsOf(inputs, { task: chosen.task, cwd });
  if (listed.hasBytes && named.settings.redis !== null) {
    throw usageError('Expected paths or URLs beside `redis`, got bytes, which workers elsewhere cannot read');
  }
  const settings = await withStore(named.settings, resources);
  const { bytesOf, items, paths } = listed;
  return { ...chosen, taskFile: null, inputs: paths, items, bytesOf, settings, given: named.given };
}

/** Where there is neither output nor state to keep, the store is gone when the run is. */
async function withStore(settings: Settings, resources: Resources): Promise<Settings> {
  if (settings.outputs.length > 0) return settings;
  const name = settings.name ?? NAME;
  if (settings.state !== null) return { ...settings, name };
  const state = await mkdtemp(path.join(tmpdir(), 'visionbatch-run-'));
  resources.defer(() => rm(state, { recursive: true, force: true }));
  return { ...settings, name, state };
}

function tellingOf<T>({ logger = SILENT, progress = () => {} }: BatchOptions<T>): Telling {
  return { logger, progress: { update: progress, note: () => {}, finish: () => {} } };
}

/** The process's signals are the program's own. */
function stoppedBy(
  signal: AbortSignal,
  { logger, settings }: { readonly settings: Settings; readonly logger: Logger },
  resources: Resources,
): Shutdown {
  const shutdown = new Shutdown({
    handlesSignals: false,
    forMs: settings.forMs,
    until: settings.until,
    drainTimeoutMs: settings.drainTimeoutMs,
    onStop: (cause, stage) => logger.info(`${cause}: ${stage === 'drain' ? 'finishing' : 'ending'} what is in hand.`),
  });
  if (signal.aborted) shutdown.stop();
  const stop = () => shutdown.stop();
  signal.addEventListener('abort', stop, { once: true });
  resources.defer(() => {
    signal.removeEventListener('abort', stop);
    shutdown.close();
  });
  return shutdown;
}

/** A program's streams are never written to. */
function ioOf(): Io {
  return {
    cwd: process.cwd(),
    stdin: () => Readable.from([]),
    stdout: process.stdout,
    stderr: process.stderr,
    outliveStdout: () => new AbortController().signal,
    abandonStdout: () => {},
    version: productVersion(),
    surroundings: { ...surroundingsOf({}), variable: processPlace().variable },
  };
}

function programExitCode(code: number): BatchSummary['exitCode'] {
  return code === EXIT.ok || code === EXIT.someNotOk ? code : EXIT.interrupted;
}

/** Stopped before it began. */
function stoppedAtOnce(startedMs: number): BatchSummary {
  const elapsedMs = performance.now() - startedMs;
  return { end: 'stopped', exitCode: EXIT.interrupted, counts: new Tally().counts(), made: 0, outputs: [], elapsedMs };
}
