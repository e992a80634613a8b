import type { AnswerForm, EngineName, PageFormat, TaskName } from '../../src/core/ask.js';
import type { Failure } from '../../src/core/errors.js';
import type { JsonSchema } from '../../src/core/json-schema.js';
import type { TaskResult } from '../../src/core/record.js';

/** The words a model is asked with, and what its answer is to be. */
export interface Question {
  /** Null where no system message is sent. */
  readonly system: string | null;
  readonly prompt: string;
  readonly form: AnswerForm;
}

export const CAPTION_STYLES = ['short', 'detailed', 'alt'] as const;
export type CaptionStyle = (typeof CAPTION_STYLES)[number];

/** What decides the words of an ask; null where nobody said anything. */
export interface QuestionChoice {
  readonly userSystem: string | null;
  readonly userPrompt: string | null;
  /** The one prompt that the chosen model was trained on, where it is an OCR model. */
  readonly fixedOcrPrompt: string | null;
  /** ocr */
  readonly format: PageFormat;
  /** Languages that the user named, as Tesseract names them; null where none. */
  readonly lang: string | null;
  /** caption */
  readonly style: CaptionStyle;
  /** ask: the questions of one conversation, in order. */
  readonly questions: readonly string[];
  /** classify */
  readonly labels: readonly string[];
  /** classify: the column in which every row lists its own labels; null where all have these. */
  readonly labelsFrom: string | null;
  readonly multi: boolean;
  /** compare: the images stand side by side on one canvas. */
  readonly stitch: boolean;
  /** extract and own tasks: what the data is to be. */
  readonly schema: JsonSchema | null;
  /** own tasks: columns of a table, in order. */
  readonly columns: readonly string[] | null;
}

/** What can be asked of an image. */
export interface TaskDefinition {
  readonly name: TaskName;
  /** Engines that can serve it. */
  readonly engines: readonly EngineName[];
  /** Tokens an answer may have where the user says nothing. */
  readonly defaultMaxTokens: number;
  /** What to ask: the user's own words, else the model's own, else the task's. */
  question(choice: QuestionChoice): Question;
}

/** What an answer amounts to. What there is of a result is kept where it is no good, for people to use. */
export type Reading = { readonly result: TaskResult; readonly warnings: readonly string[] } & (
  | { readonly status: 'ok' | 'blank' }
  | {
      readonly failure: Failure;
      /** What is wrong with the answer, for a turn that says so to the model. */
      readonly complaint?: { readonly answer: string; readonly problem: string };
    }
);
