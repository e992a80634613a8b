import { type ProfileOverride, parseProfiles } from '../../engines/profiles/override.js';
import { readDefinition } from './load-module.js';
import { parseData } from './load-schema.js';

/**
 * Reads what a user says of models otherwise than the built-in profiles: YAML, a map of model names.
 *
 * @param cwd - folder that the file's name is relative to
 * @throws ExitError 2 for a file that is missing or wrong, with every problem at once
 */
export async function loadProfiles(file: string, cwd: string): Promise<readonly ProfileOverride[]> {
  return parseProfiles(await parseData(file, await readDefinition(file, cwd)), file);
}
