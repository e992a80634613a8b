import type { ServedHost } from '../hosts.js';

export interface PinnedModel {
  readonly hosts: readonly ServedHost[];
  readonly model: string | null;
  readonly digest: string;
  /** Ends the asking; then no host has it. */
  readonly signal: AbortSignal;
}

/** Whether a host that answers has the very model that the run began with. */
export async function hasPinned({ digest, hosts, model, signal }: PinnedModel): Promise<boolean> {
  const asked = hosts.map(async ({ engine }) => {
    if ((await engine.digest(model, signal)) !== digest) throw new Error('another one');
  });
  return await Promise.any(asked).then(
    () => true,
    () => false,
  );
}
