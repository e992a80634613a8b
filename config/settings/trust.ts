import { optional, parsed, refuse, SWITCH } from '../kinds.js';
import { type Kind, RUNS, type SettingRows, setting } from '../setting.js';

/** How many pages are read a second time. */
export interface VerifySpec {
  /** Share of the pages, above 0 and up to 1. */
  readonly share: number;
}

const VERIFY: Kind<VerifySpec> = {
  placeholder: 'cpu[=N%]',
  type: parsed((raw) => {
    const match = typeof raw === 'string' ? /^cpu(?:=(\d{1,3}(?:\.\d+)?)%)?$/.exec(raw) : null;
    const share = match === null ? Number.NaN : Number(match[1] ?? 100) / 100;
    return share > 0 && share <= 1 ? { share } : refuse('cpu, or a share of the pages such as cpu=10%', raw);
  }),
  show: ({ share }) => (share === 1 ? 'cpu' : `cpu=${Number((100 * share).toPrecision(12))}%`),
};

/** What is learnt of an answer beside the answer. */
export const TRUST = {
  verify: setting({
    name: 'verify',
    kind: optional(VERIFY),
    default: null,
    defaultIs: 'none',
    meaning: 'read pages again with the built-in OCR, which cannot invent, and say in their rows how far both agree',
    commands: ['ocr', 'run'],
  }),
  confidence: setting({
    name: 'confidence',
    kind: SWITCH,
    default: false,
    meaning: 'say in each row how sure the model was of its words; servers take some time to tell',
    commands: RUNS,
  }),
} as const satisfies SettingRows;
