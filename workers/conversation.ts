import { fillTemplate, templateValues } from '../jobs/tasks/template.js';
import type { Carry, VisionJob } from '../jobs/vision-job.js';
import type { Ask, ChatTurn } from '../src/core/ask.js';

/** The questions of an ask, in order: one, but for a conversation. */
export function questionsOf({ form, prompt }: Pick<Ask, 'form' | 'prompt'>): readonly string[] {
  return form.kind === 'answers' ? form.questions : [prompt];
}

/** The words of an item's requests: the ask's own with the item's values in their places. */
export class Conversation {
  readonly #ask: Ask;
  readonly #values: Readonly<Record<string, string>>;
  readonly #questions: readonly string[];
  readonly #history: readonly ChatTurn[];

  /** @param history - what was said before, the image's first question included */
  constructor(ask: Ask, job: VisionJob, history: readonly ChatTurn[] = []) {
    this.#ask = ask;
    this.#history = history;
    this.#values = templateValues(job);
    this.#questions = questionsOf(ask).map((question) => fillTemplate(question, this.#values));
  }

  get system(): string | null {
    const { system } = this.#ask;
    return system === null ? null : fillTemplate(system, this.#values);
  }

  /** Whether this many answers answer everything. */
  isOver(answers: number): boolean {
    return answers >= this.#questions.length;
  }

  /**
   * The whole conversation up to the question at hand: the server keeps no state. A complaint sends the answer that was
   * no good back, with what is wrong with it.
   */
  messages({ answers, complaint }: Pick<Carry, 'answers' | 'complaint'>, complains: boolean): readonly ChatTurn[] {
    const asked = this.#questions.slice(0, answers.length + 1);
    const turns = asked.flatMap((text, at): ChatTurn[] => {
      const answer = answers[at];
      const question: ChatTurn = { role: 'user', text };
      return answer === undefined ? [question] : [question, { role: 'assistant', text: answer }];
    });
    if (!complains || complaint === undefined) return [...this.#history, ...turns];
    return [
      ...this.#history,
      ...turns,
      { role: 'assistant', text: complaint.answer },
      { role: 'user', text: complaintOf(complaint.problem) },
    ];
  }

  /** Questions and answers side by side, as far as they were answered; null where there is only one question. */
  answered(answers: readonly string[]): { question: string; text: string }[] | null {
    if (this.#ask.form.kind !== 'answers') return null;
    return answers.map((text, at) => ({ question: this.#questions[at] ?? '', text }));
  }
}

function complaintOf(problem: string): string {
  return `That answer is not valid:\n${problem}\nAnswer again with the corrected JSON alone.`;
}
