import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProfiles } from '../../../../src/app/definitions/load-profiles.js';
import { EXIT } from '../../../../src/core/exit.js';
import { profileOf } from '../../../../src/engines/profiles/profile.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profiles-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function loaded(text: string) {
  await writeFile(join(folder, 'profiles.yaml'), text);
  return await loadProfiles('profiles.yaml', folder);
}

describe('a file of profiles', () => {
  it('changes what is known of the models that it names', async () => {
    const overrides = await loaded('my-ocr*:\n  ocrPrompt: "OCR:"\n  imageTokens: { side: 32, least: 1, most: 99 }\n');
    expect(profileOf('my-ocr:2b', null, overrides)).toMatchObject({
      ocrPrompt: 'OCR:',
      imageTokens: { kind: 'blocks', side: 32, least: 1, most: 99 },
    });
    expect(profileOf('gemma3', null, overrides)).toEqual(profileOf('gemma3', null, []));
  });

  it('may hold nothing', async () => {
    expect(await loaded('# none yet\n')).toEqual([]);
  });

  it.each([
    ['is no YAML', 'gemma3: [', /^profiles\.yaml:\d+:\d+ /],
    ['says what nobody knows', 'gemma3: { maxImage: 2 }', /^profiles\.yaml: gemma3: maxImage: no such member/],
  ])('is refused where it %s, by its place', async (_, text, message) => {
    const refusal = { exitCode: EXIT.usage, message: expect.stringMatching(message) };
    await expect(loaded(text)).rejects.toMatchObject(refusal);
  });

  it('is refused where it is missing', async () => {
    const refusal = { exitCode: EXIT.usage, message: expect.stringContaining('gone.yaml') };
    await expect(loadProfiles('gone.yaml', folder)).rejects.toMatchObject(refusal);
  });
});
