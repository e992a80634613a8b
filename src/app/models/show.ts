import type { Settings } from '../../../config/schema.js';
import { EXIT, type ExitCode } from '../../core/exit.js';
import { SILENT } from '../../core/telling.js';
import type { HostModel } from '../../engines/engine.js';
import { createHosts } from '../hosts.js';
import type { Io } from '../io.js';
import { withResources } from '../resources.js';
import { visible } from '../visible.js';
import { type LookedHost, lookAt, type SharedModel, sharedModels } from './look.js';
import { modelLines } from './words.js';

/** Lists the vision models of every host. Exit code 3 where no host answers. */
export function showModels(settings: Settings, io: Io): Promise<ExitCode> {
  return withResources(async (resources) => {
    const hosts = createHosts({ ...settings, machine: null }, SILENT, resources);
    const never = new AbortController().signal; // each look ends by itself
    const looked = await lookAt(
      hosts.map(({ engine }) => engine),
      never,
    );
    const shared = sharedModels(looked);
    const text = settings.json
      ? JSON.stringify(asJson(looked, shared))
      : modelLines(looked, shared).join('\n').trimEnd();
    io.stdout.write(`${visible(text)}\n`);
    return looked.some(({ error }) => error === null) ? EXIT.ok : EXIT.dependency;
  });
}

function asJson(looked: readonly LookedHost[], shared: readonly SharedModel[]): unknown {
  return {
    schema_version: 1,
    hosts: looked.map(({ host, version, error, models }) => ({ host, version, error, models: models.map(modelJson) })),
    same_everywhere: shared.filter(({ isSame }) => isSame).map(({ name }) => name),
  };
}

function modelJson({ digest, loaded, model, name, remote, singleParallel, sizeBytes }: HostModel): unknown {
  return {
    name,
    digest,
    size_bytes: sizeBytes,
    parameter_size: model.parameterSize,
    context_length: model.contextLength,
    slots: singleParallel ? 1 : null,
    remote,
    loaded: loaded === null ? null : { gpu_share: loaded.gpuShare, context_length: loaded.contextLength },
  };
}
