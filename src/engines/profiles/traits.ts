import type { RequestProfile } from '../../core/model-profile.js';

/** What an image costs of the context: always the same, or a token a block of `side` × `side` pixels within bounds. */
export type ImageTokens =
  | { readonly kind: 'fixed'; readonly tokens: number }
  | { readonly kind: 'blocks'; readonly side: number; readonly least: number; readonly most: number };

/** What a table says of a family, and a user may say otherwise. */
export interface ProfileTraits {
  /** What the family was trained on: the picture before the words, or after them. */
  readonly imagePlacement: RequestProfile['imagePlacement'];
  /** Whether the server fills in the prompt by a template that knows `[img]`. */
  readonly rendered: boolean;
  /** Most images in one request that it makes sense of. */
  readonly maxImages: number;
  /** The one prompt an OCR model was trained on; null where it takes the task's own. */
  readonly ocrPrompt: string | null;
  /** Pixels that a side is padded up to. */
  readonly leastSide: number;
  /** Pixels that sides are padded up to a multiple of; 1 is any. */
  readonly multiple: number;
  /** Pixels of the longer side beyond which it sees no more; null where the product's default suits it. */
  readonly bestSide: number | null;
  /** Pixels of the square to which it scales every image, however many it is sent; null where it sees more of a larger one. */
  readonly fixedSide: number | null;
  /** Texts that end its answer to its fixed prompt. */
  readonly stop: readonly string[];
  /** Whether a host works on one request at a time, whatever its settings say. */
  readonly singleParallel: boolean;
  readonly imageTokens: ImageTokens;
}

/** What is known of a model. */
export interface ModelProfile extends Omit<ProfileTraits, 'imagePlacement' | 'rendered' | 'maxImages'> {
  readonly request: RequestProfile;
  /** Whether it thinks before it answers unless told not to. */
  readonly thinks: boolean;
  /** Context that it was trained for, in tokens; null where nobody said. */
  readonly contextLength: number | null;
}
