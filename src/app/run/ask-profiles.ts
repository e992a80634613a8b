import { canonicalJson } from '../../core/canonical-json.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { RequestProfile } from '../../core/model-profile.js';
import { type ModelProfile, profileOf } from '../../engines/profiles/profile.js';
import type { AskChoice } from './ask-words.js';

/** What of a profile decides how a model is asked. */
type Asking = Pick<ModelProfile, 'ocrPrompt' | 'leastSide' | 'multiple' | 'bestSide' | 'fixedSide' | 'stop'> &
  Omit<RequestProfile, 'family'>;

/** What `--profiles` says of a model otherwise than the product; the rest is undefined. */
export type ToldProfile = { readonly [Key in keyof Asking]?: Asking[Key] | undefined };

/**
 * What of `--profiles` a run that continues takes anew. What another version, or another host, says of the model never
 * changes a run.
 *
 * @param file - the file of `--profiles`; null where none was given
 */
export function toldProfile({ model, profile }: AskChoice, file: string | null): ToldProfile {
  if (model === null || profile === null || file === null) return {};
  const builtIn = profileOf(model, null, []);
  return {
    imagePlacement: told(profile.request.imagePlacement, builtIn.request.imagePlacement),
    rendered: told(profile.request.rendered, builtIn.request.rendered),
    maxImages: told(profile.request.maxImages, builtIn.request.maxImages),
    ocrPrompt: told(profile.ocrPrompt, builtIn.ocrPrompt),
    leastSide: told(profile.leastSide, builtIn.leastSide),
    multiple: told(profile.multiple, builtIn.multiple),
    bestSide: told(profile.bestSide, builtIn.bestSide),
    fixedSide: told(profile.fixedSide, builtIn.fixedSide),
    stop: told(profile.stop, builtIn.stop),
  };
}

function told<T>(now: T, builtIn: T): T | undefined {
  return canonicalJson(now) === canonicalJson(builtIn) ? undefined : now;
}

/**
 * Refuses a run that continues with the same question put otherwise: its rows would not show which way they were asked.
 *
 * @throws ExitError 2
 */
export function refuseOtherRequest(pinned: RequestProfile, now: ToldProfile): void {
  for (const name of ['imagePlacement', 'rendered', 'maxImages'] as const) {
    if (now[name] === undefined || now[name] === pinned[name]) continue;
    throw new ExitError(EXIT.usage, `--profiles: the run began with ${name} ${pinned[name]}, now ${now[name]}.`, {
      fix: '--fresh begins the run anew, --name X with another -o starts another run beside it; without --profiles it goes on as it began.',
    });
  }
}
