import type { Given, Settings } from '../../config/schema.js';
import type { TaskName } from '../core/ask.js';
import { EXIT, type ExitCode, ExitError } from '../core/exit.js';
import type { SourceBytes } from '../core/item.js';
import type { ListedItem } from '../inputs/lists/listed.js';
import type { ResolveOptions } from '../inputs/resolve.js';
import { notesOn } from '../inputs/tables/manifest-notes.js';
import { loadProfiles } from './definitions/load-profiles.js';
import type { LoadedSchema } from './definitions/load-schema.js';
import type { OwnTask } from './definitions/load-task.js';
import { createHosts } from './hosts.js';
import { machineOf } from './identity.js';
import { type OpenedInputs, openInputs } from './inputs.js';
import type { Io } from './io.js';
import { Outputs, type RecordSink } from './outputs.js';
import { openVerifier } from './parts.js';
import { openPixels } from './pixels.js';
import { ModelPulls } from './pulls.js';
import { type Resources, withResources } from './resources.js';
import { chooseModel } from './run/choose-model.js';
import { loadDefinition } from './run/definition.js';
import { asExit } from './run/fatal.js';
import { hasPinned } from './run/has-pinned.js';
import { tableIn } from './run/kept-dialect.js';
import { modelProfile } from './run/model-profile.js';
import { type OpenedRun, openRun } from './run/open-run.js';
import { roomOf } from './run/room.js';
import { runSession, type SessionEnd } from './run/session.js';
import { tellSummary } from './run/summary.js';
import { Shutdown } from './shutdown.js';
import { type Telling, tellingOf } from './telling.js';
import { openTransport } from './transport.js';
import { openUrls, type Urls } from './urls.js';

/** A batch as the command line, or a program, asks for it. */
export interface BatchCommand {
  readonly task: TaskName;
  /** The file of an own task, relative to the working directory; null for the others. */
  readonly taskFile: string | null;
  /** Folders, files and patterns, relative to the working directory. */
  readonly inputs: readonly string[];
  readonly settings: Settings;
  /** The ask settings that were given, rather than left to their defaults. */
  readonly given: Given;
  /** An own task that a program has defined, in place of a file. */
  readonly ownTask?: OwnTask;
  /** What data is to be, where a program has defined it, in place of a file. */
  readonly schema?: LoadedSchema;
  /** Items that a program lists beside the inputs. */
  readonly items?: readonly ListedItem[];
  /** Bytes that a program has, by the URL that stands for them; null for a URL of another kind. */
  readonly bytesOf?: (url: string) => SourceBytes | null;
  /** Makes the hosts. @defaultValue those that the settings name */
  readonly createHosts?: typeof createHosts;
}

/** What a batch is run with. */
export interface BatchAround {
  readonly io: Io;
  readonly telling: Telling;
  readonly shutdown: Shutdown;
  /** Takes records as they are done. @defaultValue stdout, where that is an output */
  readonly sink?: RecordSink;
}

/** How a batch ended. */
export interface BatchEnd {
  readonly session: SessionEnd;
  readonly outputs: Outputs;
  readonly opened: OpenedRun;
}

/** Runs a batch to its end, or to where it is stopped: the same command again continues it. */
export async function runBatch(command: BatchCommand, io: Io): Promise<ExitCode> {
  const { settings } = command;
  const startedMs = performance.now();
  const telling = await tellingOf(settings, io);
  return withResources(async (resources) => {
    resources.defer(() => telling.progress.finish());
    const shutdown = shutdownOf(settings, telling);
    resources.defer(() => shutdown.close());
    const end = await performBatch(command, { io, telling, shutdown }, resources);
    telling.progress.finish();
    await tellSummary({ ...end, command, elapsedMs: performance.now() - startedMs, io });
    return exitCodeOf(end.session, settings, shutdown.exitCode);
  }).catch((error: unknown) => {
    throw asExit(error);
  });
}

/** Runs a batch, which is to be told and stopped by whoever hands in `around`. The end is open until the release. */
export async function performBatch(
  command: BatchCommand,
  { io, shutdown, sink, telling }: BatchAround,
  resources: Resources,
): Promise<BatchEnd> {
  const definition = await loadDefinition({ ...command, cwd: io.cwd });
  const { settings } = definition;
  const { logger } = telling;
  const overrides = settings.profiles === null ? [] : await loadProfiles(settings.profiles, io.cwd);
  const urls = openUrls(settings, io, resources);
  const resolve = resolveOptions(command, settings, { cwd: io.cwd, addresses: urls, signal: shutdown.draining });
  const opening = openInputs(command, { io, resolve, settings }, resources);
  const { bytesOf, inputs } = await unlessStopped(opening, shutdown);
  for (const note of inputs.flatMap((input) => (input.kind === 'manifest' ? notesOn(input.manifest) : [])))
    logger.info(note);
  const table = tableIn(inputs, settings);
  const outputs = await Outputs.locate(settings, io, logger, sink);
  const pixels = await openPixels(settings, io.cwd, resources);
  const hosts = (command.createHosts ?? createHosts)({ ...settings, machine: sharedName(settings) }, logger, resources);
  const pulls = settings.pull ? new ModelPulls({ logger, signal: shutdown.draining }) : null;
  const loss = new Loss();
  const opened = await openRun({
    definition,
    inputs,
    table,
    cwd: io.cwd,
    location: outputs.location,
    chooseModel: () => unlessStopped(chooseModel(hosts, shutdown.draining), shutdown),
    profileOf: (model) => modelProfile(model, { hosts, overrides, signal: shutdown.draining }),
    onLost: loss.tell,
    bring: async (model) => pulls?.begin(hosts, model),
    hasPinned: (model, digest) => hasPinned({ hosts, model, digest, signal: shutdown.draining }),
    logger,
  });
  resources.defer(() => opened.store.close());
  await outputs.attach(opened.store);
  logger.info(firstLine(opened));
  const { ask, runId } = opened.meta;
  const transport = await openTransport(settings, { runId, logger }, resources);
  const room = roomOf({ ask, profile: opened.profile, inputs, settings });
  const tight = room.contextAdvice(room.limits.numCtx);
  if (tight !== null) logger.warn(tight);
  const session = await runSession({
    inputs,
    opened,
    pixels,
    settings,
    hosts,
    transport,
    outputs,
    shutdown,
    telling,
    io,
    pulls,
    ...room,
    lost: loss.lost,
    check: definition.check,
    urls: withBytes(urls, bytesOf),
    verify: hosts.length === 0 ? null : await openVerifier({ ask, limits: room.limits, logger }, resources),
  });
  return { session, outputs, opened };
}

/** This machine's name, where workers elsewhere may serve the run. */
function sharedName(settings: Settings): string | null {
  return settings.redis === null ? null : machineOf(settings);
}

function resolveOptions(
  { task }: BatchCommand,
  settings: Settings,
  around: Pick<ResolveOptions, 'cwd' | 'addresses' | 'signal'>,
): ResolveOptions {
  const { promptColumn, questionColumns } = settings;
  const wordColumns = [...(promptColumn === null ? [] : [promptColumn]), ...questionColumns];
  return { ...settings, ...around, severalImages: task === 'compare', wordColumns };
}

function withBytes(urls: Urls, bytesOf: OpenedInputs['bytesOf']): Urls {
  return { ...urls, read: async (url, how) => bytesOf(url) ?? (await urls.read(url, how)) };
}

/** The store's loss, which may be told before anybody waits for it. */
class Loss {
  tell: (error: Error) => void = () => {};
  readonly lost = new Promise<never>((_, reject) => {
    this.tell = reject;
  });

  constructor() {
    this.lost.catch(() => {}); // awaited by the session
  }
}

/** A stop while another machine is asked what it has is a stop, not that one's failure. */
async function unlessStopped<T>(asking: Promise<T>, shutdown: Shutdown): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (shutdown.exitCode === null) throw error;
    throw new ExitError(shutdown.exitCode, 'Stopped before the run began.', { cause: error });
  }
}

/** Says whether this start begins a run or continues one, and what it asks. */
function firstLine({ isNew, meta }: OpenedRun): string {
  const { ask, counts, name } = meta;
  const asks = `${ask.taskName} by ${ask.model ?? 'the built-in CPU OCR'}`;
  if (isNew) return `New run ${name}: ${asks}.`;
  if (counts === null) return `Continuing run ${name}: ${asks}.`;
  const done = counts.items - counts.left - counts.skipped;
  return `Continuing run ${name}: ${asks}; ${done} of ${counts.items} done so far, ${counts.notOk} of them not ok.`;
}

function shutdownOf(settings: Settings, { logger }: Telling): Shutdown {
  return new Shutdown({
    forMs: settings.forMs,
    until: settings.until,
    drainTimeoutMs: settings.drainTimeoutMs,
    onStop: (cause, stage) =>
      logger.warn(
        stage === 'drain'
          ? `${cause}: stopping after what is in hand (Ctrl-C again to force). Nothing is lost: the same command continues.`
          : 'Ending what is in hand now.',
      ),
  });
}

/** 0 and 1 speak of all rows of the run, those from earlier starts too. Throws ExitError 4 where there is no item. */
export function exitCodeOf({ end, counts, shard }: SessionEnd, settings: Settings, stopped: ExitCode | null): ExitCode {
  if (end === 'stopped' && stopped !== null) return stopped;
  if (counts.items === 0 && (shard?.all ?? 0) === 0)
    throw new ExitError(EXIT.nothingMatched, 'Nothing matched: no image in the inputs.');
  const rows = counts.ok + counts.blank + counts.notOk;
  const share = rows === 0 ? 0 : (100 * counts.notOk) / rows;
  return share > settings.failOverPercent ? EXIT.someNotOk : EXIT.ok;
}
