import path from 'node:path';
import type { Settings } from '../../../config/schema.js';
import { surroundingsOf } from '../../../config/surroundings.js';
import { productVersion } from '../../cli/version.js';
import { heldUrl } from '../../core/held-url.js';
import type { Root, SourceBytes, SourceReader, SourceRef } from '../../core/item.js';
import { sourceReader } from '../../inputs/open.js';
import { shownUrl } from '../../inputs/urls/url-failures.js';
import { MAX_SOURCE_BYTES } from '../parts.js';
import type { Resources } from '../resources.js';
import { openUrls } from '../urls.js';
import { type Image, type ImageOrigin, originOf } from './image.js';

/** The images of one question, ready to be opened. */
export interface OpenSources {
  readonly refs: readonly SourceRef[];
  readonly open: SourceReader;
  /** How they are called in the record: a path as given, a URL without credentials, or `bytes`. */
  readonly names: readonly string[];
}

export interface SourceSettings {
  /** Absolute folder that paths are relative to. */
  readonly cwd: string;
  readonly settings: Pick<Settings, 'allowPrivateUrls' | 'siteConcurrency' | 'siteDelayMs'>;
  readonly signal: AbortSignal;
}

/**
 * Opens nothing yet: what is wrong with an image is found when it is read, and is the record's to say. A program may name
 * any file, so that the whole file system is the root.
 *
 * @throws VisionBatchError 2 for what is no image in any form
 */
export function openSources(images: readonly Image[], settings: SourceSettings, resources: Resources): OpenSources {
  const { cwd, signal } = settings;
  const root: Root = { name: 'file system', path: path.parse(cwd).root };
  const broken = new Map<string, unknown>();
  const origins = images.map((image, at) => originOf(image, `images[${at}]`, cwd));
  const refs = origins.map((origin, at) => refOf(origin, { root, broken, at }));
  const around = { surroundings: surroundingsOf({}), version: productVersion() };
  const reader = openUrls(settings.settings, around, resources);
  const urls = async (url: string): Promise<SourceBytes> => {
    if (broken.has(url)) throw broken.get(url);
    return await reader.read(url, { signal });
  };
  const names = origins.map((origin, at) => nameOf(origin, images[at]));
  return { refs, names, open: sourceReader([root], { maxBytes: MAX_SOURCE_BYTES, urls }) };
}

interface Around {
  readonly root: Root;
  /** What reading the bytes threw, by the URL that stands for them. */
  readonly broken: Map<string, unknown>;
  readonly at: number;
}

function refOf(origin: ImageOrigin, { at, broken, root }: Around): SourceRef {
  if (origin.kind === 'url') return { url: origin.url };
  if (origin.kind === 'path') return { root: root.name, path: path.relative(root.path, origin.path) };
  try {
    return { bytes: origin.read() };
  } catch (error) {
    const url = heldUrl(`${at}`);
    broken.set(url, error);
    return { url };
  }
}

function nameOf(origin: ImageOrigin, image: Image | undefined): string {
  if (origin.kind === 'bytes') return 'bytes';
  if (origin.kind === 'path') return typeof image === 'string' ? image : origin.path;
  return URL.canParse(origin.url) ? shownUrl(new URL(origin.url)) : origin.url;
}
