import { DURATION } from '../duration.js';
import { optional, SWITCH, whole } from '../kinds.js';
import { RUNS, SERVES, type SettingRows, setting } from '../setting.js';

/** How images are fetched from other machines. */
export const WEB = {
  siteConcurrency: setting({
    name: 'site-concurrency',
    kind: whole({ min: 1, max: 1_000 }),
    default: 4,
    meaning: 'requests for images that one site, a host with its port, is sent at once; s3:// has no such limit',
    commands: SERVES,
  }),
  siteDelayMs: setting({
    name: 'site-delay',
    kind: optional(DURATION),
    default: null,
    defaultIs: 'none',
    meaning: 'time from one request to the next to the same site',
    commands: SERVES,
  }),
  allowPrivateUrls: setting({
    name: 'allow-private-urls',
    kind: SWITCH,
    default: false,
    meaning: 'fetch images from addresses of this machine and of private networks, too',
    commands: SERVES,
  }),
  recheckUrls: setting({
    name: 'recheck-urls',
    kind: SWITCH,
    default: false,
    defaultIs: 'an image from a URL that has its row is not asked for again',
    meaning:
      'ask sites whether the images of finished rows have changed, which costs an unchanged one a 304 where its server knows ETags or times, and ask the model about those that have',
    commands: RUNS,
  }),
} as const satisfies SettingRows;
