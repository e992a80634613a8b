import { SWITCH } from '../kinds.js';
import { RUNS, SERVES, type SettingRows, setting } from '../setting.js';

/** Which models of the hosts may answer. */
export const MODELS = {
  pull: setting({
    name: 'pull',
    kind: SWITCH,
    default: false,
    meaning: 'pull the model on every host that lacks it',
    commands: SERVES,
  }),
  allowMixed: setting({
    name: 'allow-mixed',
    kind: SWITCH,
    default: false,
    meaning: 'let hosts serve that have another version of the model; each row says which one by model_digest',
    commands: RUNS,
  }),
  allowRemote: setting({
    name: 'allow-remote',
    kind: SWITCH,
    default: false,
    meaning: 'let a model answer that runs in a cloud: images leave the hosts',
    commands: SERVES,
  }),
} as const satisfies SettingRows;
