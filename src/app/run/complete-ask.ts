import type { Ask, AskOptions, PixelSettings } from '../../core/ask.js';
import type { RequestProfile } from '../../core/model-profile.js';
import { profileOf } from '../../engines/profiles/profile.js';

/** Members that asks of ocr and caption did not have before there were other tasks. */
type Later = 'taskName' | 'profile' | 'form' | 'stitch' | 'pdfText';
type LaterOption = 'repeatPenalty' | 'stop';
type LaterPixels = 'leastSide' | 'multiple' | 'dpi' | 'blankCheck' | 'fixedSide' | 'rotate' | 'deskew';

/** An ask as a store may hold it. */
export type StoredAsk = Omit<Ask, Later | 'options' | 'pixels'> &
  Partial<Pick<Ask, Later>> & {
    readonly options: Omit<AskOptions, LaterOption> & Partial<Pick<AskOptions, LaterOption>>;
    readonly pixels: Omit<PixelSettings, LaterPixels> & Partial<Pick<PixelSettings, LaterPixels>>;
  };

/** A profile where there is no model, and so no conversation. */
export const NO_MODEL: RequestProfile = {
  family: 'unknown',
  imagePlacement: 'before',
  rendered: false,
  maxImages: 1,
};

/** How pixels were made before there was a choice. */
const EARLIER_PIXELS: Pick<PixelSettings, LaterPixels> = {
  leastSide: 64,
  multiple: 1,
  dpi: 200,
  blankCheck: false,
  fixedSide: null,
  rotate: 'exif',
  deskew: false,
};

/** An ask with every member: what an earlier version did not know is as it was done then. */
export function completeAsk(stored: StoredAsk): Ask {
  const { task, engine, model, system, prompt, lang, options, pixels } = stored;
  return {
    task,
    taskName: stored.taskName ?? task,
    engine,
    model,
    profile: stored.profile ?? (model === null ? NO_MODEL : profileOf(model, null, []).request),
    system,
    prompt,
    form: stored.form ?? (task === 'ocr' ? { kind: 'page', format: 'text' } : { kind: 'text' }),
    lang,
    options: { ...options, repeatPenalty: options.repeatPenalty ?? null, stop: options.stop ?? [] },
    pixels: { ...EARLIER_PIXELS, ...pixels },
    stitch: stored.stitch ?? false,
    pdfText: stored.pdfText ?? 'ignore',
  };
}
