import type { Setting, SettingRows } from './setting.js';
import { AGAIN } from './settings/again.js';
import { ASK } from './settings/ask.js';
import { ITEMS } from './settings/items.js';
import { LIMITS } from './settings/limits.js';
import { MODELS } from './settings/models.js';
import { PAGES } from './settings/pages.js';
import { TELLING } from './settings/telling.js';
import { TRUST } from './settings/trust.js';
import { WEB } from './settings/web.js';
import { WHERE } from './settings/where.js';
import { WHO } from './settings/who.js';

export { CPU } from './hosts/address.js';
export type { HostSpec } from './hosts/host.js';
export type { SamplingOptions } from './options.js';
export type { PageRange } from './page-ranges.js';
export type { TimeOfDay } from './settings/again.js';
export type { VerifySpec } from './settings/trust.js';
export type { RootSpec } from './settings/where.js';

/** Every setting by its name in {@link Settings}: one row each. */
export const SETTINGS = {
  ...WHERE,
  ...ITEMS,
  ...PAGES,
  ...WEB,
  ...WHO,
  ...MODELS,
  ...ASK,
  ...TRUST,
  ...LIMITS,
  ...AGAIN,
  ...TELLING,
} as const satisfies SettingRows;

/** The same rows by subject, in the order of help and of `example.env`. */
export const SUBJECTS: readonly { readonly title: string; readonly rows: SettingRows }[] = [
  { title: 'Where', rows: WHERE },
  { title: 'What an item is', rows: ITEMS },
  { title: 'Documents and large images', rows: PAGES },
  { title: 'Images from other machines', rows: WEB },
  { title: 'Who', rows: WHO },
  { title: 'Which models', rows: MODELS },
  { title: 'What is asked', rows: ASK },
  { title: 'How far it is trusted', rows: TRUST },
  { title: 'Limits', rows: LIMITS },
  { title: 'Again, and until when', rows: AGAIN },
  { title: 'What is said', rows: TELLING },
];

type ValueOf<Row> = Row extends Setting<infer T> ? T : never;

/** Every setting resolved: what was given, else its default. Times are milliseconds. */
export type Settings = { readonly [Key in keyof typeof SETTINGS]: ValueOf<(typeof SETTINGS)[Key]> };
export type SettingKey = keyof Settings;

/** Settings that are part of what is asked, and so pinned by a run. */
export type AskKey = keyof typeof ASK;

/**
 * The ask settings that the user gave, by flag, variable or file. A run pins its whole ask at its first start; later
 * starts compare only these.
 */
export type Given = { readonly [Key in AskKey]?: Settings[Key] };

/** Whether a setting is part of what is asked. */
export function isAskKey(key: string): key is AskKey {
  return Object.hasOwn(ASK, key);
}
