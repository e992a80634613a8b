import { tokensOfImage } from './images.js';
import type { RunnerSettings } from './model-options.js';
import type { ModelSpec } from './options.js';
import { REFUSALS } from './refusal.js';
import { type AskRequest, imagesOf, type Message, promptOf } from './request.js';
import type { Runner } from './runner.js';

/** Tokens that the chat template of a model file adds, one for the start included. */
const NATIVE_OVERHEAD = 9;
const RENDERED_OVERHEAD = 1;

/** Counts a prompt's tokens, or refuses it as a real server does: images, markers, context. */
export function promptTokens(ask: AskRequest, runner: Runner, version: string): number {
  const { model, settings } = runner;
  const images = imagesOf(ask);
  if (images.length > 0) expectVision(ask, model);
  if (model.renderer) expectMarkers(ask);
  const imageTokens = images.reduce((sum, { bytes }) => sum + tokensOfImage(bytes, model, version), 0);
  expectWholePrefix(ask, runner);
  return fitted(textTokens(ask, model) + imageTokens, { ask, model, settings });
}

/** Marks a prompt cache as broken for prompts that begin with the request's first image. */
export function breakPrefix(ask: AskRequest, runner: Runner): void {
  runner.brokenPrefixes.set(imagesOf(ask)[0]?.sha256 ?? '', null);
}

/** Refuses while the cache is broken for this request's first image; only an unload heals it. */
function expectWholePrefix(ask: AskRequest, runner: Runner): void {
  const [first, second] = imagesOf(ask);
  const beside = runner.brokenPrefixes.get(first?.sha256 ?? '');
  if (beside !== undefined && (beside === null || beside !== second?.sha256)) throw REFUSALS.chunkNotFound();
  if (!runner.model.adjacentImagesBreak || first === undefined || second === undefined) return;
  if (sideBySide(ask, runner.model)) runner.brokenPrefixes.set(first.sha256, second.sha256);
}

/** Two images with no text between them: in one message, unless placeholders put some there. */
function sideBySide(ask: AskRequest, model: ModelSpec): boolean {
  if (model.path === 'native') return ask.messages.some(({ images }) => images.length > 1);
  return /\[img-\d+\]\[img-\d+\]/.test(renderedPrompt(ask, model));
}

function expectVision(ask: AskRequest, model: ModelSpec): void {
  if (model.capabilities.includes('vision')) return;
  const byTemplate = model.path === 'rendered' || ask.endpoint === 'generate';
  throw byTemplate ? REFUSALS.noVisionRendered() : REFUSALS.noVisionNative();
}

/** A renderer takes a literal `[img-0]` for an image; then their count must be right. */
function expectMarkers(ask: AskRequest): void {
  for (const { content, images } of ask.messages) {
    const literals = [...content.matchAll(/\[img-(\d+)\]/g)].map(([, index]) => Number(index));
    if (literals.length === 0) continue;
    if (literals.length !== images.length || literals.some((index) => index >= images.length)) throw REFUSALS.markers();
  }
}

function textTokens(ask: AskRequest, model: ModelSpec): number {
  const overhead = model.path === 'native' ? NATIVE_OVERHEAD : RENDERED_OVERHEAD;
  return Math.ceil(Buffer.byteLength(promptOf(ask)) / model.charactersPerToken) + overhead;
}

interface Fit {
  readonly ask: AskRequest;
  readonly model: ModelSpec;
  readonly settings: RunnerSettings;
}

/** A prompt that is too long is refused, but text alone is cut to half the context on the rendered path, silently. */
function fitted(tokens: number, { ask, model, settings: { numCtx } }: Fit): number {
  if (tokens < numCtx) return tokens;
  const mayCut = model.path === 'rendered' && imagesOf(ask).length === 0 && ask.truncate;
  if (!mayCut) throw REFUSALS.context(tokens, numCtx);
  if (ask.shift !== false) return numCtx / 2 + 3;
  throw REFUSALS.promptTooLong();
}

/** The prompt as `_debug_render_only` shows it. */
export function renderedPrompt(ask: AskRequest, model: ModelSpec): string {
  let taken = 0;
  const render = (message: Message): string => {
    if (model.path === 'native')
      return `<|${message.role}|>${'<__ollama_media__>'.repeat(message.images.length)}${message.content}`;
    const marks = message.images.map(() => `[img-${taken++}]`);
    const filled = message.content.replace(/\[img\]/g, (placeholder) => marks.shift() ?? placeholder);
    return marks.join('') + filled;
  };
  return ask.messages.map(render).join('');
}
