import type { Failure } from '../../core/errors.js';
import { toVisionError } from '../../core/errors.js';
import type { Engine, HostModel } from '../../engines/engine.js';

/** A host as `models` prints it. */
export interface LookedHost {
  readonly host: string;
  /** Null where the host does not answer. */
  readonly version: string | null;
  /** Why it does not answer. */
  readonly error: Failure | null;
  readonly models: readonly HostModel[];
}

/** A model's name on the hosts that answer. */
export interface SharedModel {
  readonly name: string;
  /** Hosts that have it, by its digest there. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  /** Hosts that answer and do not have it. */
  readonly lacking: readonly string[];
  /** Whether every host has it, and all of them the same. */
  readonly isSame: boolean;
}

/** Asks all hosts at once what they have. Never throws: a host that does not answer says why. */
export function lookAt(engines: readonly Engine[], signal: AbortSignal): Promise<readonly LookedHost[]> {
  return Promise.all(
    engines.map(async (engine): Promise<LookedHost> => {
      const { host } = engine;
      try {
        const { models, version } = await engine.models(signal);
        return { host, version, error: null, models: [...models].sort((a, b) => (a.name < b.name ? -1 : 1)) };
      } catch (thrown) {
        return { host, version: null, error: toVisionError(thrown).toFailure(), models: [] };
      }
    }),
  );
}

/** Every model that a host has, by name, and whether it is the same everywhere. */
export function sharedModels(looked: readonly LookedHost[]): readonly SharedModel[] {
  const answering = looked.filter(({ error }) => error === null);
  const names = [...new Set(answering.flatMap(({ models }) => models.map(({ name }) => name)))].sort();
  return names.map((name) => {
    const hosts = new Map<string, readonly string[]>();
    for (const { host, models } of answering) {
      const digest = models.find((model) => model.name === name)?.digest;
      if (digest !== undefined) hosts.set(digest, [...(hosts.get(digest) ?? []), host]);
    }
    const having = [...hosts.values()].flat();
    const lacking = answering.flatMap(({ host }) => (having.includes(host) ? [] : [host]));
    return { name, hosts, lacking, isSame: hosts.size === 1 && lacking.length === 0 };
  });
}
