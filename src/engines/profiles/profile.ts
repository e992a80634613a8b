/** What is known of a model family by its name alone. */
export interface ModelProfile {
  /** Name of the family, `unknown` where the name says nothing. */
  readonly family: string;
  /** What the family was trained on: the picture before the words, or after them. */
  readonly imagePlacement: 'before' | 'after';
  /** The one prompt an OCR model was trained on; null where it takes the task's own. */
  readonly ocrPrompt: string | null;
  /** Whether Ollama is known to fill the prompt in itself, so that `[img]` in it marks an image's place. */
  readonly rendered: boolean;
  /** Most images in one request that the family makes sense of. */
  readonly maxImages: number;
}

interface Row extends ModelProfile {
  /** Matches the model's name without namespace and tag, lower case. */
  readonly name: RegExp;
}

const SEVERAL = 8;

/** Picture first, any prompt, several pictures. */
const USUAL = { imagePlacement: 'before', ocrPrompt: null, rendered: true, maxImages: SEVERAL } as const;

/** Picture first, any prompt, trained on a single picture. */
const SINGLE = { ...USUAL, maxImages: 1 } as const;

/**
 * The first row whose name matches. All known families were trained with the picture first, as their cards show it.
 * The prompts of the OCR models are those of their cards: other wording makes glm-ocr repeat itself (GLM-OCR #220).
 */
const PROFILES: readonly Row[] = [
  { family: 'deepseek-ocr', name: /^deepseek-ocr/, ...SINGLE, ocrPrompt: 'Free OCR.' },
  { family: 'glm-ocr', name: /^glm-ocr/, ...SINGLE, ocrPrompt: 'Text Recognition:' },
  { family: 'gemma', name: /^gemma-?[34]/, ...USUAL },
  { family: 'qwen-vl', name: /^qwen-?(2\.?5-?vl|3-?vl|3\.\d)/, ...USUAL },
  { family: 'mistral', name: /^(mistral-small-?3|ministral-?3|pixtral)/, ...USUAL },
  { family: 'llama4', name: /^llama-?4/, ...USUAL },
  { family: 'mllama', name: /^llama-?3\.2-vision/, ...SINGLE, rendered: false }, // one image, on servers before 0.30 only
  { family: 'minicpm-v', name: /^minicpm-v/, ...SINGLE },
  { family: 'granite-vision', name: /^granite[\d.-]*vision/, ...SINGLE },
  { family: 'llava', name: /^(bak)?llava/, ...SINGLE },
  { family: 'moondream', name: /^moondream/, ...SINGLE, rendered: false },
];

/** Picture first, the task's own prompt, nothing assumed of the template. */
const UNKNOWN: ModelProfile = { family: 'unknown', ...SINGLE, rendered: false };

/**
 * The profile of a model by its name, such as `qwen2.5vl:7b` or `hf.co/someone/Gemma-3-4B-GGUF:Q4_K_M`.
 * A model of another name gets a profile that suits most.
 */
export function profileFor(model: string): ModelProfile {
  const parts = model.toLowerCase().split('/');
  const name = parts.at(-1)?.split(':', 1)[0] ?? '';
  const row = PROFILES.find((candidate) => candidate.name.test(name));
  if (row === undefined) return UNKNOWN;
  const { name: _, ...profile } = row;
  const isLibraryModel = parts.length === 1; // of others only the weights are known, not the template
  return { ...profile, rendered: profile.rendered && isLibraryModel };
}
