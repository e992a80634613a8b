import type { ProfileTraits } from './traits.js';

/** A family of models, how it is recognised, and where what is said of it comes from. */
export interface FamilyRow extends ProfileTraits {
  readonly family: string;
  /** Architectures that a host names for it, in lower-case letters and digits; none where it shares them with others. */
  readonly architectures: readonly string[];
  /** Matches the model's name without namespace and tag, lower case. */
  readonly name: RegExp;
  /** What the row is taken from. */
  readonly source: string;
}

const SEVERAL = 8;

/** Picture first, any prompt, trained on a single picture. Servers crash on sides of less than 28 or 32 pixels. */
const USUAL = {
  imagePlacement: 'before',
  maxImages: 1,
  ocrPrompt: null,
  leastSide: 64,
  multiple: 1,
  bestSide: null,
  fixedSide: null,
  stop: [],
  singleParallel: false,
  rendered: true,
} as const;

/**
 * The known families. All were trained with the picture first, as their cards show it. Tokens of an image are the most
 * that any server makes of it. A `bestSide` is named where the model sees no more of a page,
 * a `fixedSide` where every image becomes a square of that side.
 */
export const FAMILIES: readonly FamilyRow[] = [
  {
    ...USUAL,
    family: 'deepseek-ocr',
    architectures: ['deepseekocr', 'deepseek2ocr'],
    name: /^deepseek-ocr/,
    ocrPrompt: 'Free OCR.',
    imageTokens: { kind: 'fixed', tokens: 1_156 },
    source: 'model card deepseek-ai/DeepSeek-OCR: an overview of 256 tokens and at most 9 tiles of 100; its prompts',
  },
  {
    ...USUAL,
    family: 'glm-ocr',
    architectures: ['glmocr'],
    name: /^glm-ocr/,
    ocrPrompt: 'Text Recognition:',
    multiple: 28,
    stop: ['```'],
    imageTokens: { kind: 'blocks', side: 28, least: 8, most: 4_096 },
    source: 'zai-org/GLM-OCR#220: other prompts and a missing stop make it loop; ollama#16696: sides a multiple of 28',
  },
  {
    ...USUAL,
    family: 'gemma3',
    architectures: ['gemma3'],
    name: /^gemma-?3/,
    maxImages: SEVERAL,
    fixedSide: 896,
    bestSide: 1_280, // both sides of a page of paper still have the 896 pixels that it sees
    imageTokens: { kind: 'fixed', tokens: 256 },
    source: 'model card google/gemma-3: 896 × 896 pixels, 256 tokens; ollama#13985: no pan and scan',
  },
  {
    ...USUAL,
    family: 'gemma4',
    architectures: ['gemma4'],
    name: /^gemma-?4/,
    maxImages: SEVERAL,
    imageTokens: { kind: 'blocks', side: 48, least: 70, most: 1_120 },
    source: 'llama.cpp, tools/mtmd: 70 to 1,120 tokens; ollama#17152: 252 to 280 in its own build',
  },
  {
    ...USUAL,
    family: 'qwen2.5vl',
    architectures: ['qwen25vl', 'qwen2vl'],
    name: /^qwen-?2\.?5?-?vl/,
    maxImages: SEVERAL,
    multiple: 28,
    imageTokens: { kind: 'blocks', side: 28, least: 1_024, most: 4_096 },
    source: 'Ollama starts llama-server with --image-min-tokens 1024; ollama#14171: sides a multiple of 28',
  },
  {
    ...USUAL,
    family: 'qwen3-vl',
    architectures: ['qwen3vl', 'qwen3vlmoe', 'qwen35', 'qwen35moe'],
    name: /^qwen-?3(-?vl|\.\d)/,
    maxImages: SEVERAL,
    multiple: 32,
    singleParallel: true,
    imageTokens: { kind: 'blocks', side: 32, least: 1_024, most: 4_096 },
    source: 'Ollama starts llama-server with --image-min-tokens 1024; ollama#13113: crashes below 32 pixels',
  },
  {
    ...USUAL,
    family: 'mistral',
    architectures: ['mistral3', 'pixtral'],
    name: /^(mistral-small-?3|ministral-?3|pixtral)/,
    maxImages: SEVERAL,
    bestSide: 1_540,
    imageTokens: { kind: 'blocks', side: 28, least: 1, most: 3_080 },
    source:
      'config of mistralai/Mistral-Small-3.1: longest edge 1,540, patches of 14 merged by two, a break for each row',
  },
  {
    ...USUAL,
    family: 'llama4',
    architectures: ['llama4'],
    name: /^llama-?4/,
    maxImages: SEVERAL,
    imageTokens: { kind: 'fixed', tokens: 2_600 },
    source: 'config of meta-llama/Llama-4: an overview and at most 16 tiles, 144 tokens each, and their separators',
  },
  {
    ...USUAL,
    family: 'mllama',
    architectures: ['mllama'],
    name: /^llama-?3\.2-vision/,
    rendered: false,
    singleParallel: true,
    imageTokens: { kind: 'fixed', tokens: 768 },
    source: 'ollama#16490: one image, and on servers before 0.30 only; 768 tokens is what these count for an image',
  },
  {
    ...USUAL,
    family: 'minicpm-v',
    architectures: [],
    name: /^minicpm-?[vo]/,
    imageTokens: { kind: 'fixed', tokens: 700 },
    source: 'model card openbmb/MiniCPM-V-2_6: an overview and at most 9 slices, 64 tokens each, and their separators',
  },
  {
    ...USUAL,
    family: 'granite-vision',
    architectures: [],
    name: /^granite[\d.-]*vision/,
    imageTokens: { kind: 'fixed', tokens: 4_000 },
    source: 'model card ibm-granite/granite-vision-3.2: tiles as LLaVA-NeXT, up to some thousand tokens',
  },
  {
    ...USUAL,
    family: 'llava',
    architectures: [],
    name: /^(bak)?llava/,
    bestSide: 1_344,
    imageTokens: { kind: 'fixed', tokens: 2_880 },
    source: 'LLaVA-NeXT: an overview and at most 4 tiles of 336 pixels, 576 tokens each; LLaVA 1.5: 576',
  },
  {
    ...USUAL,
    family: 'moondream',
    architectures: [],
    name: /^moondream/,
    rendered: false,
    bestSide: 756,
    imageTokens: { kind: 'fixed', tokens: 729 },
    source: 'model card vikhyatk/moondream2: 378 × 378 pixels in patches of 14',
  },
];

/** Picture first, a single one, nothing assumed of the template, and as many tokens as the hungriest of the known. */
export const UNKNOWN_FAMILY: FamilyRow = {
  ...USUAL,
  family: 'unknown',
  architectures: [],
  name: /^/,
  rendered: false,
  imageTokens: { kind: 'blocks', side: 28, least: 256, most: 4_096 },
  source: 'the families above',
};

/** Architectures that Ollama gives one slot, whatever OLLAMA_NUM_PARALLEL says (its scheduler, from 0.30). */
export const SINGLE_PARALLEL: ReadonlySet<string> = new Set([
  'mllama',
  'qwen3vl',
  'qwen3vlmoe',
  'qwen35',
  'qwen35moe',
  'qwen3next',
  'lfm2',
  'lfm2moe',
  'nemotronh',
  'nemotronhmoe',
  'nemotronhomni',
]);
