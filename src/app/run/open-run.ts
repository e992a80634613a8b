import type { Given } from '../../../config/schema.js';
import type { VisionError } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { fingerprint } from '../../core/fingerprint.js';
import type { Logger } from '../../core/telling.js';
import type { ModelProfile } from '../../engines/profiles/profile.js';
import { carriedColumns, commonRoot, nameRoots } from '../../inputs/input-folders.js';
import type { ResolvedInput } from '../../inputs/resolve.js';
import type { RunRoots } from '../../inputs/roots.js';
import { STDIN } from '../../inputs/stdin.js';
import type { StoreLocation } from '../../results/location.js';
import type { AcceptedAsk, RunMeta, RunTable } from '../../results/run-meta.js';
import { FOLDER_CHECK_MS, openStore, type RunStore } from '../../results/store.js';
import { thisProcess } from '../../results/store-lock.js';
import { uuidv7 } from '../../results/uuidv7.js';
import { engineOf } from '../hosts.js';
import { askWith, newAsk } from './ask.js';
import { type AskDifference, askDifferences } from './ask-differences.js';
import { askDoubts, refuseAsk } from './ask-limits.js';
import type { AskChoice, PinnedAsk } from './ask-words.js';
import { completeAsk } from './complete-ask.js';
import type { Definition } from './definition.js';
import { refuseOtherShard } from './shards.js';
import { refuseTwin } from './twin.js';

export interface OpenRunOptions {
  readonly definition: Definition;
  readonly inputs: readonly ResolvedInput[];
  /** How the one table that the inputs are is written; null where they are anything else. */
  readonly table: RunTable | null;
  /** Absolute; the run's root where all inputs lie on other machines. */
  readonly cwd: string;
  readonly location: StoreLocation;
  /** The only vision model on the hosts; asked where no model was named. */
  readonly chooseModel: () => Promise<string>;
  /** Whether a host that answers has the model of this digest. */
  readonly hasPinned: (model: string | null, digest: string) => Promise<boolean>;
  /** Resolves when a host has the model, or no host is to get it. */
  readonly bring: (model: string) => Promise<void>;
  /** What is known of a model. */
  readonly profileOf: (model: string) => Promise<ModelProfile>;
  readonly onLost: (error: VisionError) => void;
  readonly logger: Logger;
}

/** A run whose store is open and locked, with the ask that this start asks. */
export interface OpenedRun {
  readonly store: RunStore;
  readonly meta: RunMeta;
  readonly roots: RunRoots;
  /** Of the run's model, as this start knows it; null where there is none. */
  readonly profile: ModelProfile | null;
  /** Whether this is the run's first start. */
  readonly isNew: boolean;
}

/**
 * Opens a run: a new one with its ask pinned, or one that continues, of which only the values that the user gave are
 * compared with what was pinned.
 *
 * @throws ExitError 2 where the ask differs and --on-change does not say what to do, 6 where the run is locked
 */
export async function openRun(options: OpenRunOptions): Promise<OpenedRun> {
  const { definition, inputs, location, logger, onLost } = options;
  const { settings } = definition;
  const store = await openStore(location.dir, {
    coordinator: thisProcess(),
    logger,
    now: Date.now,
    folderCheckMs: FOLDER_CHECK_MS,
    onLost,
  });
  try {
    const known = settings.fresh ? null : store.meta();
    const pinned = known !== null && store.hasRecords() ? completed(known) : null;
    const choice = await choiceOf(options, pinned);
    const meta = pinned === null ? await beginRun(known, options, choice) : await continueRun(pinned, options, choice);
    refuseAsk({ meta, settings });
    if (settings.fresh) await forget(store); // only now that the new run is sure to begin
    await store.writeMeta({ ...meta, suspects: suspectsOf(meta, store.running()) });
    await store.clearRunning(store.running());
    for (const doubt of askDoubts(meta.ask, choice.profile)) logger.warn(doubt);
    return {
      store,
      meta: store.meta() ?? meta,
      roots: nameRoots(inputs, meta.root.path),
      profile: choice.profile,
      isNew: pinned === null,
    };
  } catch (error) {
    await leave(store).catch(() => {}); // what failed first says why
    throw error;
  }
}

/** A run that never began leaves nothing behind. */
function leave(store: RunStore): Promise<void> {
  return store.isNew && store.meta() === null ? store.remove() : store.close();
}

/** Forgets what the run did, but not which output files are its own. */
async function forget(store: RunStore): Promise<void> {
  const outputs = store.meta()?.outputs ?? [];
  await store.forget();
  for (const output of outputs) await store.noteOutput(output);
}

/** Items that were in hand when the process died, each with one more such end. */
function suspectsOf({ suspects }: RunMeta, running: readonly string[]): RunMeta['suspects'] {
  return Object.fromEntries(running.map((key) => [key, (suspects[key] ?? 0) + 1]));
}

/**
 * A run that has its whole question before it.
 *
 * @param known - what an earlier start left that made no row; its question binds nobody
 */
async function beginRun(known: RunMeta | null, options: OpenRunOptions, choice: AskChoice): Promise<RunMeta> {
  const { cwd, definition, inputs, location, table } = options;
  const { given, settings } = definition;
  const ask = newAsk(choice, definition);
  const root = commonRoot(inputs, cwd);
  const [first] = nameRoots(inputs, root);
  const print = fingerprint(ask);
  const meta: RunMeta = {
    schema: 1,
    runId: uuidv7(Date.now()),
    name: location.name,
    createdMs: Date.now(),
    inputs: inputsOf(inputs),
    root: first,
    ask,
    fingerprint: print,
    digest: null,
    accepted: [{ fingerprint: print, digest: null }],
    given: { ...given },
    generation: 0,
    discovered: false,
    notImages: {},
    outputs: [],
    carried: carriedColumns(inputs),
    table,
    shard: settings.shard === null ? null : { ...settings.shard, own: 0, all: 0 },
    found: {},
    counts: null,
    starts: 1,
    suspects: {},
  };
  if (known !== null) {
    const { createdMs, runId, starts, suspects } = known;
    return { ...meta, runId, createdMs, suspects, starts: starts + 1 };
  }
  if (settings.name === null && !settings.fresh) await refuseTwin(meta, location);
  return meta;
}

async function continueRun(meta: RunMeta, options: OpenRunOptions, choice: AskChoice): Promise<RunMeta> {
  const { definition, inputs, table } = options;
  const { onChange } = definition.settings;
  refuseOtherShard(meta, definition.settings.shard);
  const pinned: PinnedAsk = { ask: meta.ask, given: meta.given as Given };
  const given: Given = { ...pinned.given, ...definition.given };
  const ask = askWith(pinned, choice, definition);
  const carried = carriedColumns(inputs);
  const next = { ...meta, inputs: inputsOf(inputs), carried, table, starts: meta.starts + 1, discovered: false };
  const differences = askDifferences(pinned, { ask, given });
  if (differences.length === 0) return { ...next, ...(await unpinned(meta, options)) };
  if (onChange === 'stop') throw differs(meta, differences);
  const print = fingerprint(ask);
  const present: AcceptedAsk = { fingerprint: print, digest: null };
  const accepted = onChange === 'keep' ? [...meta.accepted, present] : [present];
  return { ...next, ask, fingerprint: print, digest: null, accepted, given: { ...given } };
}

/** A run that an earlier version began goes on with the same question, which is written with more members by now. */
function completed(meta: RunMeta): RunMeta {
  const ask = completeAsk(meta.ask);
  const print = fingerprint(ask);
  if (meta.accepted.some((one) => one.fingerprint === print)) return meta;
  const accepted = [...meta.accepted, { fingerprint: print, digest: null }];
  return { ...meta, ask, fingerprint: print, accepted };
}

/**
 * With --on-change the digest may change where no host has it any more: the first host pins it anew, and rows of the old
 * one are kept or not.
 */
async function unpinned(meta: RunMeta, { definition, hasPinned }: OpenRunOptions): Promise<Partial<RunMeta>> {
  const { onChange } = definition.settings;
  const { accepted, ask, digest, fingerprint } = meta;
  if (onChange === 'stop' || digest === null || (await hasPinned(ask.model, digest))) return {};
  return { digest: null, accepted: onChange === 'keep' ? [...accepted, { fingerprint, digest }] : [] };
}

/** Who is asked: the model that is named or, where the run continues, its own. */
async function choiceOf(options: OpenRunOptions, known: RunMeta | null): Promise<AskChoice> {
  const { given, settings } = options.definition;
  const engine = engineOf(settings.hosts);
  if (engine === 'cpu-ocr') return { engine, model: null, profile: null };
  const model = given.model ?? known?.ask.model ?? (await options.chooseModel());
  await options.bring(model);
  return { engine, model, profile: await options.profileOf(model) };
}

/** Inputs as a run remembers them: absolute paths, patterns as given, a program's own items by what stands for them. */
export function inputsOf(inputs: readonly ResolvedInput[]): readonly string[] {
  return inputs.map(rememberedName);
}

function rememberedName(input: ResolvedInput): string {
  switch (input.kind) {
    case 'archive':
    case 'file':
    case 'folder':
      return input.path;
    case 'manifest':
      return input.given === STDIN ? STDIN : input.path; // where stdin was spooled is another place at each start
    case 'glob':
    case 'items':
    case 'list':
    case 's3':
    case 'url-archive':
      return input.given;
  }
}

function differs(meta: RunMeta, differences: readonly AskDifference[]): ExitError {
  const lines = differences.map(({ name, before, now }) => `  ${name}: the run began with ${before}, now ${now}`);
  const what = `The question is not the one that run ${meta.name} began with:\n${lines.join('\n')}`;
  return new ExitError(EXIT.usage, what, {
    fix: '--on-change keep asks only new and changed items the new way, --on-change redo asks all again, --name X with another -o starts another run beside it.',
  });
}
