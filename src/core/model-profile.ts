/** What of a model's profile decides how a request is put; pinned with the ask. */
export interface RequestProfile {
  /** Name of the family, `unknown` where nothing is known. */
  readonly family: string;
  /** What the family was trained on: the picture before the words, or after them. */
  readonly imagePlacement: 'before' | 'after';
  /** Whether `[img]` in a message marks an image's place; else a marker would stay as text. */
  readonly rendered: boolean;
  /** Most images in one request that the family makes sense of. */
  readonly maxImages: number;
}
