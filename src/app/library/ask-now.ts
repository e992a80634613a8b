import { SILENT } from '../../core/telling.js';
import { createHosts, type ServedHost } from '../hosts.js';
import type { Resources } from '../resources.js';
import type { AskImageOptions, AskImageResult } from './ask-image-options.js';
import { definitionOf, questionOptions } from './choice.js';
import { usageError } from './errors.js';
import { type ChatMessage, continued, talkOf } from './history.js';
import { askOnce } from './one-ask.js';
import { openSources } from './one-source.js';
import { type RecordOf, typedRecord } from './record.js';

/** Asks, and puts what came of it the way a program wants it. Throws ExitError, VisionError, or the signal's reason. */
export async function askNow<T>(
  options: AskImageOptions<T>,
  signal: AbortSignal,
  resources: Resources,
): Promise<AskImageResult<T>> {
  const { history = [], images = [], schema, signal: _, task, ...settings } = options;
  const cwd = process.cwd();
  const talk = talkOf(history, [images].flat());
  const definition = await definitionOf({ task, schema, options: questionOptions(settings, { task, schema }), cwd });
  const { settings: resolved } = definition;
  const host = onlyHost(createHosts({ ...resolved, machine: null }, SILENT, resources));
  const sources = openSources(talk.images, { cwd, settings: resolved, signal }, resources);
  const answered = await askOnce({ definition, host, history: talk.turns, sources, signal, cwd }, resources);
  const [source = '', ...others] = sources.names;
  const named = { ...answered.record, source: others.length === 0 ? source : [source, ...others] };
  const hasBytes = sources.refs.some((ref) => 'bytes' in ref);
  const record = hasBytes ? { ...named, source_mtime: null } : named; // bytes have no time
  return resultOf(typedRecord<T>(record), continued(talk, answered));
}

/** A question is for one host; which of several, nobody has said. */
function onlyHost(hosts: readonly ServedHost[]): ServedHost {
  const [host, ...others] = hosts;
  if (host !== undefined && others.length === 0) return host;
  throw usageError(
    `Expected \`host\` to be one Ollama server or cpu, got ${hosts.length === 0 ? 'none' : hosts.length}`,
  );
}

function resultOf<T>(record: RecordOf<T>, history: readonly ChatMessage[]): AskImageResult<T> {
  const { answers, data, error, label, status, text, warnings } = record;
  return { status, text, data, label, answers, warnings, error, record, history } as AskImageResult<T>; // members of one record
}
