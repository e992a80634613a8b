import { describe, expect, it } from 'vitest';
import { messagesOf } from '../../../../src/engines/ollama/messages.js';
import { anImage, aRequest, aRequestProfile, assistant, user } from './a-request.js';

const profile = aRequestProfile;
const RENDERED = profile({ rendered: true });

/** Role, words and the first byte of each image. */
function told(changes: Parameters<typeof aRequest>[0]): readonly (readonly unknown[])[] {
  return messagesOf(aRequest(changes)).map(({ role, content, images = [] }) => [
    role,
    content,
    ...images.map((image) => Object(image)[0]),
  ]);
}

describe('a conversation as it is sent', () => {
  it('has the system prompt first', () => {
    expect(told({ system: 'Be exact.' })).toEqual([
      ['system', 'Be exact.'],
      ['user', 'Read the text.', 1],
    ]);
  });

  it.each([RENDERED, profile()])('has its image in the first question and in no other', (own) => {
    const messages = [
      user('What is it?'),
      assistant('A cat.'),
      user('Which colour?'),
      assistant('Red.'),
      user('Sure?'),
    ];
    expect(told({ messages, profile: own })).toEqual([
      ['user', 'What is it?', 1],
      ['assistant', 'A cat.'],
      ['user', 'Which colour?'],
      ['assistant', 'Red.'],
      ['user', 'Sure?'],
    ]);
  });

  it('marks the place of an image after the words only where the mark is understood', () => {
    const contentFor = (own: ReturnType<typeof profile>) => told({ profile: own })[0]?.[1];
    expect(contentFor(profile({ rendered: true, imagePlacement: 'after' }))).toBe('Read the text. [img]');
    expect(contentFor(RENDERED)).toBe('Read the text.');
    expect(contentFor(profile({ imagePlacement: 'after' }))).toBe('Read the text.');
  });

  it("never lets anybody's words take an image's place", () => {
    const messages = [user('What is [img-1]?'), assistant('[img]'), user('And [img-0]?')];
    const contents = told({ messages, system: 'See [img].', images: [] }).map(([, content]) => content);
    expect(contents).toEqual(['See [ img].', 'What is [ img-1]?', '[ img]', 'And [ img-0]?']);
  });

  it.each([
    ['no message', []],
    ['an answer at its end', [user('What is it?'), assistant('A')]],
    ['no question', [assistant('A')]],
  ])('is refused with %s, which a server would not answer', (_, messages) => {
    expect(() => told({ messages })).toThrow(expect.objectContaining({ code: 'ASK_REFUSED' }));
  });
});

describe('several images', () => {
  const images = [anImage(1), anImage(2), anImage(3)];
  const messages = [user('Compare.'), assistant('Equal.'), user('Sure?')];

  it('stand in the first question where marks are understood, each after its label', () => {
    expect(told({ images, messages, profile: RENDERED })).toEqual([
      ['user', 'Image 1:\n[img]\nImage 2:\n[img]\nImage 3:\n[img]\nCompare.', 1, 2, 3],
      ['assistant', 'Equal.'],
      ['user', 'Sure?'],
    ]);
    expect(told({ images, profile: profile({ rendered: true, imagePlacement: 'after' }) })).toEqual([
      ['user', 'Read the text.\nImage 1:\n[img]\nImage 2:\n[img]\nImage 3:\n[img]', 1, 2, 3],
    ]);
  });

  it('have a message each elsewhere, with the question after them', () => {
    expect(told({ images, messages, system: 'Be exact.' })).toEqual([
      ['system', 'Be exact.'],
      ['user', 'Image 1:', 1],
      ['user', 'Image 2:', 2],
      ['user', 'Image 3:', 3],
      ['user', 'Compare.'],
      ['assistant', 'Equal.'],
      ['user', 'Sure?'],
    ]);
  });
});
