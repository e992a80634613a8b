import { describe, expect, it } from 'vitest';
import { type Cleaned, cleanAnswer } from '../../../../jobs/tasks/clean.js';
import type { AnswerForm } from '../../../../src/core/ask.js';
import { LINES, MARKDOWN, PAGE, TEXT } from './choices.js';

const QUESTION = 'Describe this image in one clear sentence.';

const clean = (text: string, form: AnswerForm = PAGE): Cleaned => cleanAnswer(text, { form, questions: [QUESTION] });

const untouched = (text: string): Cleaned => ({ text, warnings: [], nothing: null });

describe('reasoning', () => {
  it.each([
    '<think>The page shows\n\na letter.</think>\n\nDear Anna',
    '<thinking>\nhm\n</thinking>Dear Anna',
    'First I look at the letter.\n</think>\n\nDear Anna',
    'I look at the letter.\n</thinking>\nDear Anna',
    'I look at the letter.\n</Think>\nDear Anna',
    'Okay, so I look at the letter</think>Dear Anna',
    'I look at it.</think> Wait.</think>Dear Anna',
    '<reasoning>A letter.</reasoning> Dear Anna',
    '◁think▷A letter.◁/think▷Dear Anna',
    'Sure.\n<think>hm</think>\nDear Anna',
  ])('is taken off where it stands first: %j', (text) => {
    expect(clean(text)).toEqual({ text: 'Dear Anna', warnings: ['reasoning-removed'], nothing: null });
  });

  it('is taken off behind an answer, and with no end', () => {
    for (const text of ['Dear Anna <think>abc', 'Dear Anna\n<think> abc</think>', 'Dear Anna <think>\nabc']) {
      expect(clean(text)).toEqual({ text: 'Dear Anna', warnings: ['reasoning-removed'], nothing: null });
    }
    expect(clean('Dear <think>hm</think>Anna').text).toBe('Dear Anna');
  });

  it('is not looked for inside data', () => {
    const form: AnswerForm = { kind: 'data', schema: {}, columns: null };
    expect(clean('{"line": "see <think>abc"}', form)).toEqual(untouched('{"line": "see <think>abc"}'));
    expect(clean('<think>hm</think>{"line": 1}', form).text).toBe('{"line": 1}');
  });

  it.each([
    '<think>It seems',
    'Sure.\n<think>It seems',
    '<think>done</think>\u200b',
    '<think>done</think>',
    'So this is it.</think>',
    'Hm.\n</thinking>',
  ])('that comes to no answer leaves nothing: %j', (text) => expect(clean(text).nothing).toContain('thought aloud'));

  it.each([
    'The tag <think> opens a thought, </think> ends it.',
    'Write </think> at the end of a thought.',
    'I <think> so.\nOr not.',
    'Models write `<think>` and `</think>`.',
    'As XML:\n```xml\n<think>abc</think>\n```',
    'As XML:\n```xml\n</think>\n```',
    'A thought opens with <THINK> and closes with\n</THINK>\non a line of its own.',
  ])('is not what a page about it says: %j', (text) => {
    expect(clean(text)).toEqual(untouched(text));
  });
});

describe('code fences', () => {
  it.each(['```\nA\nB\n```', '```text\nA\nB\n```', '```markdown\nA\nB\n```', '~~~\nA\nB\n~~~'])(
    'around the whole of a page are taken off: %j',
    (text) => {
      for (const form of [PAGE, LINES, TEXT]) {
        expect(clean(text, form)).toEqual({ text: 'A\nB', warnings: ['fences-removed'], nothing: null });
      }
    },
  );

  it('in Markdown are taken off only where they say Markdown: a page may be one listing', () => {
    expect(clean('```markdown\n# A\n```', MARKDOWN)).toMatchObject({ text: '# A', warnings: ['fences-removed'] });
    expect(clean('```\nfor i in x:\n```', MARKDOWN)).toEqual(untouched('```\nfor i in x:\n```'));
  });

  it.each(['```python\nprint(1)\n```', 'See:\n```\nx\n```', '```\na\n```\nand\n```\nb\n```', '```\nnever closed'])(
    'stay where they are part of the page: %j',
    (text) => expect(clean(text)).toEqual(untouched(text)),
  );

  it('around nothing are no answer', () => {
    expect(clean('```\n\n```').nothing).toContain('empty block');
  });
});

describe('a first line that announces the answer', () => {
  it.each([
    'Here is the transcription:',
    'Here is the transcription of the text in the image:',
    "Sure! Here's the transcribed text from the image:",
    'Here is the text from the image:',
    'The text in the image reads:',
    '**Here is the full transcription of the image:**',
    'Hier ist die Transkription des Bildes:',
    "Voici la transcription de l'image :",
    'Aquí está la transcripción de la imagen:',
  ])('is taken off: %s', (line) => {
    expect(clean(`${line}\n\nDear Anna`)).toEqual({ text: 'Dear Anna', warnings: ['preamble-removed'], nothing: null });
  });

  it.each([
    'Here is the text:\nWe, the people',
    'Here is the transcription of the interview:\nQ: Who are you?',
    'Here is the list:\n1. Milk',
    'Here is the transcription: Dear Anna',
    'Here is the transcription:',
    'Dear Anna\nHere is the transcription:\nyours',
    'Here is the text of the law:\n§ 1',
  ])('stays where it may be the page’s own: %j', (text) => {
    expect(clean(text)).toEqual(untouched(text));
  });
});

describe('the question at the beginning of an answer', () => {
  it('is taken off', () => {
    expect(clean(`${QUESTION}\nA dog runs.`, TEXT)).toMatchObject({ text: 'A dog runs.', warnings: ['echo-removed'] });
  });

  it('is no answer alone', () => {
    expect(clean(QUESTION, TEXT)).toMatchObject({ nothing: 'The model only repeated the question.' });
    expect(cleanAnswer('Free OCR.', { form: PAGE, questions: ['Free OCR.'] }).nothing).toContain('repeated');
  });

  it('stays where it is so short that the page may hold it, or goes on in its line', () => {
    const asked = (question: string, text: string) => cleanAnswer(text, { form: PAGE, questions: [question] });
    expect(asked('Invoice', 'Invoice\n12.00')).toEqual(untouched('Invoice\n12.00'));
    expect(asked('What is it?', 'What is it? A play.')).toEqual(untouched('What is it? A play.'));
  });
});

describe('marks of images', () => {
  it('are taken off at both ends, and are no answer alone', () => {
    expect(clean('[img-0] Dear Anna [img]')).toMatchObject({ text: 'Dear Anna', warnings: ['markers-removed'] });
    expect(clean('[img-0]').nothing).toContain('mark of an image');
    expect(clean('Dear Anna[img-0] [img-1]<|im_end|>\n<end_of_turn>').text).toBe('Dear Anna');
    expect(clean('The tag [img] shows a picture.')).toEqual(untouched('The tag [img] shows a picture.'));
  });
});

describe('tokens that part turns', () => {
  it.each(['<|im_end|>', '<|endoftext|>', '<end_of_turn>', '<｜end▁of▁sentence｜>', '</s>', '<|eot_id|>'])(
    'are taken off the end, and are no answer alone: %s',
    (token) => {
      expect(clean(`Dear Anna${token}\n`)).toMatchObject({ text: 'Dear Anna', warnings: ['markers-removed'] });
      expect(clean(`\u0000${token}${token}`).nothing).toContain('of a turn');
    },
  );

  it.each(['The token <|im_end|> ends a turn.', '<s>old</s>', '<|ref|>text<|/ref|>'])(
    'stay where they are the page’s own: %s',
    (text) => expect(clean(text)).toEqual(untouched(text)),
  );
});

describe('an answer that nobody can see', () => {
  it.each(['\u200b', '\u0000', '\u200b \u2060\n\ufeff', '\u3164', '\u2800'])('is none: %j', (text) => {
    expect(clean(text).nothing).toBe('The model answered with nothing.');
  });

  it('is not one with such characters in its text', () => {
    expect(clean('Dear\u200bAnna\tB\nC')).toEqual(untouched('Dear\u200bAnna\tB\nC'));
  });
});

describe('a refusal', () => {
  it.each([
    'I cannot see the image.',
    "I'm sorry, but I can't view images directly.",
    "I'm unable to view images.",
    'I am unable to view or analyze images. Could you describe it?',
    'Unfortunately, I cannot access the attached image because it failed to load.',
    "I'm sorry, but I can't assist with that.",
    "I don't see any image attached. Please upload it.",
    'There is no image provided in this conversation.',
    'It seems there is no image attached to your message.',
    'It seems that there’s no image attached.',
    "It looks like you haven't uploaded an image yet. Please do.",
    "I'm sorry, but it appears the image was not uploaded.",
    'No image was provided.',
    'No images were attached to this message.',
    'Please provide the image you would like me to transcribe.',
    'Sure! Please upload the image you’d like me to describe.',
    'As an AI language model, I cannot see pictures.',
    "As a text-based assistant, I don't have the ability to see images.",
    'Es tut mir leid, aber ich kann das Bild nicht sehen.',
    'Leider kann ich keine Bilder anzeigen.',
    'Als KI-Modell kann ich Bilder nicht direkt ansehen.',
    "Je suis désolé, mais je ne peux pas voir l'image.",
    'Lo siento, no puedo ver imágenes.',
    "Mi dispiace, ma non posso vedere l'immagine.",
    'Desculpe, mas não consigo ver a imagem.',
    '抱歉，我无法查看图片。',
    '申し訳ありませんが、画像を見ることができません。',
  ])('is no answer, and is quoted: %s', (text) => {
    expect(clean(text, TEXT).nothing).toBe(`The model gave no answer. It said: ${JSON.stringify(text)}`);
  });

  const letter = 'Dear Tom,\nI cannot see the image that you sent. Send it again.\nYours, Ann';

  it.each([
    letter,
    `I cannot see the image.\n${'It was on page four of the report, below the second table. '.repeat(8)}`,
    'I cannot see the image\nin the mirror\nthat you see\nwhen you look\nat me',
    'I cannot see the image clearly enough to read the date, but the name is Miller.',
    'I cannot see a dog in the image.',
    'There is no image of a dog here.',
    'I am sorry for your loss.',
    'As an AI company, Example Ltd cannot be held liable for damage.',
    'No image was provided by the museum.',
    'No images are included in this catalogue.',
    'You have not attached a photo. Please return the form.',
    'Please provide the image you want to submit.',
    'It seems there is no end to it.',
    'As a child I could not read pictures.',
    'No puedo ver la hora.',
    'Ich kann das Bild nicht verkaufen.',
  ])('is not what a page or an answer only resembles: %j', (text) => {
    for (const form of [PAGE, TEXT]) expect(clean(text, form)).toEqual(untouched(text.trim()));
  });
});

describe('an answer in which much is wrong', () => {
  it('is peeled layer by layer, each of them told', () => {
    const text = `<think>hm</think>\nHere is the transcription:\n\n\`\`\`\nDear Anna\n\`\`\``;
    expect(clean(text)).toEqual({
      text: 'Dear Anna',
      warnings: ['reasoning-removed', 'preamble-removed', 'fences-removed'],
      nothing: null,
    });
  });

  it('is peeled whatever the order, each layer told once', () => {
    expect(clean('[img-0]<think>abc</think> [img-0] Dear Anna')).toEqual({
      text: 'Dear Anna',
      warnings: ['reasoning-removed', 'markers-removed'],
      nothing: null,
    });
    expect(clean('```\n<think>abc</think>\nDear Anna\n```').text).toBe('Dear Anna');
  });

  it('is read in one go however long its blanks are', () => {
    // with a pattern that looks back from every blank, this would not end within the suite's limit
    const blanks = ' '.repeat(200_000);
    const lines = `a${' '.repeat(300)}\n`.repeat(700);
    for (const gap of [blanks, lines, `[img]${blanks}`.repeat(3), '\n'.repeat(200_000), '[img]x'.repeat(40_000)]) {
      for (const text of [`\`\`\`\n${gap}x`, `x${gap}y`, `</think>${gap}x`, `${'~'.repeat(200_000)}${gap}x`]) {
        expect(clean(text).nothing).toBeNull();
      }
    }
  });
});
