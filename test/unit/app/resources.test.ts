import { describe, expect, it } from 'vitest';
import { withResources } from '../../../src/app/resources.js';

const failing = (message: string) => (): Promise<never> => Promise.reject(new Error(message));

describe('resources', () => {
  it('are all released, and what failed in their use is what is thrown', async () => {
    const released: string[] = [];
    const using = withResources(async (resources) => {
      resources.defer(() => void released.push('first'));
      resources.defer(failing('release'));
      throw new Error('use');
    });
    await expect(using).rejects.toThrow('use');
    expect(released).toEqual(['first']);
  });

  it('throw what failed in their release where their use did not', async () => {
    const using = withResources(async (resources) => resources.defer(failing('release')));
    await expect(using).rejects.toThrow('release');
  });
});
