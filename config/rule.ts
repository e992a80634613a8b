import type { TaskName } from '../src/core/ask.js';
import type { SettingKey, Settings } from './schema.js';
import type { CommandName } from './setting.js';

/** A start, as far as settings depend on each other. */
export interface Start {
  readonly settings: Settings;
  readonly command: CommandName;
  /** Null where the command has none. */
  readonly task: TaskName | null;
}

/** What must hold between settings. */
export interface Rule {
  /** The setting that the sentence is about, then those it is held against. */
  readonly keys: readonly [SettingKey, ...SettingKey[]];
  /** The sentence that says what is wrong, or null. */
  refuse(start: Start): string | null;
}
