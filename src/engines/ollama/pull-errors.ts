import { messageOf, VisionError } from '../../core/errors.js';

/** What broke a pull, and whether it is worth trying again. */
export interface PullFailure {
  readonly error: VisionError;
  /** The way to the host, or from it to the registry, was cut. */
  readonly isPassing: boolean;
}

interface PullRule {
  readonly says: RegExp;
  readonly isPassing?: true;
  readonly failure: (place: Place) => VisionError;
}

interface Place {
  readonly host: string;
  readonly model: string;
  /** The server's own words. */
  readonly said: string;
}

/** What a server says in the stream of a pull, by `{"error": …}`. The first rule that fits wins. */
const PULL_RULES: readonly PullRule[] = [
  {
    says: /no space left|disk quota|not enough (disk )?space/i,
    failure: ({ host, model, said }) =>
      new VisionError('HOST_DISK_FULL', `${host} has no room on its disk for ${model} (${said}).`, {
        fix: 'Take models away there (`ollama list`, `ollama rm NAME`), or let OLLAMA_MODELS point to a larger disk.',
      }),
  },
  {
    says: /file does not exist|invalid model name|not found/i,
    failure: ({ host, model, said }) =>
      new VisionError('MODEL_MISSING', `${host} finds no model ${model} to pull (${said}).`, {
        fix: 'Check its name and tag at https://ollama.com/library.',
      }),
  },
  {
    says: /newer version of ollama|requires MLX/i,
    failure: ({ host, model, said }) =>
      new VisionError('MODEL_MISSING', `The server on ${host} cannot run ${model} (${said}).`, {
        fix: 'Update Ollama there, or choose another model.',
      }),
  },
  {
    says: /dial tcp|no such host|timeout|deadline exceeded|connection|EOF|network|TLS|max retries|stalled|\b(429|50[0-4])\b/i,
    isPassing: true,
    failure: ({ host, model, said }) =>
      new VisionError('MODEL_MISSING', `${host} could not pull ${model}: it does not reach the registry (${said}).`, {
        fix: 'Check its way to the internet (a proxy is set by HTTPS_PROXY on the server).',
      }),
  },
];

/** What was thrown in a pull, in our words. */
export function pullFailure(thrown: unknown, place: Omit<Place, 'said'>): PullFailure {
  if (thrown instanceof VisionError) return { error: thrown, isPassing: PASSING.has(thrown.code) };
  const said = messageOf(thrown);
  const rule = PULL_RULES.find(({ says }) => says.test(said));
  const { host, model } = place;
  const error =
    rule?.failure({ ...place, said }) ?? new VisionError('MODEL_MISSING', `${host} could not pull ${model} (${said}).`);
  return { error, isPassing: rule?.isPassing ?? said === NO_END };
}

const PASSING: ReadonlySet<string> = new Set(['HOST_UNREACHABLE', 'HOST_TIMEOUT', 'HOST_BUSY']);

/** Ollama-js says this where a stream ends without its last line. */
const NO_END = 'Did not receive done or success response in stream.';
