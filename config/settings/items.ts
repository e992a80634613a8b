import { choice, optional, SWITCH, several, text } from '../kinds.js';
import { RUNS, SERVES, type SettingRows, setting } from '../setting.js';

/** What makes an item: the columns of a manifest, and which images belong together. */
export const ITEMS = {
  groupBy: setting({
    name: 'group-by',
    kind: optional(choice('inputs', 'folder', 'stem', 'manifest')),
    default: null,
    defaultIs: 'files that are named are one group, a manifest says its own, else one group a folder',
    meaning: 'which images are compared: all inputs, those of a folder, those of one name, those of one id',
    commands: ['compare', 'run'],
  }),
  idColumns: setting({
    name: 'id-column',
    kind: several(text('COLUMN')),
    default: [],
    defaultIs: 'id, else the image itself',
    meaning: "the column of a manifest that names its rows; repeated, their values make the row's id",
    commands: RUNS,
  }),
  imageColumns: setting({
    name: 'image-column',
    kind: several(text('COLUMN')),
    default: [],
    defaultIs: 'the one called image, path, file, url or the like',
    meaning: 'the column of a manifest that holds the image; repeated to compare several of one row',
    commands: RUNS,
  }),
  base: setting({
    name: 'base',
    kind: optional(text('DIR')),
    default: null,
    defaultIs: "the manifest's own folder",
    meaning: "the folder that a manifest's paths are relative to",
    commands: RUNS,
  }),
  allowPrivateUrls: setting({
    name: 'allow-private-urls',
    kind: SWITCH,
    default: false,
    meaning: 'fetch images from addresses of this machine and of private networks, too',
    commands: SERVES,
  }),
} as const satisfies SettingRows;
