import type { EngineName, ModelAnswer, TaskName } from '../../src/core/ask.js';
import type { Failure } from '../../src/core/errors.js';
import type { ColumnSpec } from '../../src/core/record.js';

/** The words a model is asked with. */
export interface Prompts {
  /** Null where no system message is sent. */
  readonly system: string | null;
  readonly prompt: string;
}

/** What decides the words of an ask; null where nobody said anything. */
export interface PromptChoice {
  readonly userSystem: string | null;
  readonly userPrompt: string | null;
  /** The one prompt that the chosen model was trained on, where it is an OCR model. */
  readonly fixedOcrPrompt: string | null;
}

/** What a complete stream of text amounts to. The text of an answer that is no good is kept, for people to use. */
export type Reading =
  | { readonly status: 'ok' | 'blank'; readonly text: string; readonly warnings: readonly string[] }
  | { readonly failure: Failure; readonly text: string; readonly warnings: readonly string[] };

/** What can be asked of an image. */
export interface TaskDefinition {
  readonly name: TaskName;
  /** Engines that can serve it. */
  readonly engines: readonly EngineName[];
  /** Tokens an answer may have where the user says nothing. */
  readonly defaultMaxTokens: number;
  /** The result's columns in CSV. */
  readonly columns: readonly ColumnSpec[];
  /** The words to ask with: the user's own, else the model's own, else the task's. */
  prompts(choice: PromptChoice): Prompts;
  /** Decides whether an answer is complete. Never throws: what is wrong with it is part of the reading. */
  readAnswer(answer: ModelAnswer): Reading;
}

/** The column of a task whose result is text. */
export const TEXT_COLUMN: ColumnSpec = { header: 'text', path: ['text'] };
