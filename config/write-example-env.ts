import { writeFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { CONFIG_VARIABLE } from './layer.js';
import { SUBJECTS } from './schema.js';
import { envName, type Setting } from './setting.js';

/** The text of `example.env`: every variable, commented out, with its meaning and its default. */
export function exampleEnv(): string {
  const subjects = SUBJECTS.map(
    ({ title, rows }) => `## ${title}\n\n${Object.values(rows).map(variable).join('\n\n')}\n`,
  );
  return `${HEAD}\n${subjects.join('\n')}`;
}

const HEAD = `# visionbatch reads these variables. A flag goes before a variable, a variable before the configuration file.
# Several values are separated by a semicolon. Written by "npm run env-example".

# A configuration file, instead of ./visionbatch.yaml
#${CONFIG_VARIABLE}=
`;

function variable(row: Setting<unknown>): string {
  const { kind, standard } = row;
  const value = kind.placeholder ?? 'true|false';
  const instead = standard === undefined ? '' : ` ${standard} is read, too.`;
  const shown = row.defaultIs === undefined ? kind.show(row.default) : '';
  const otherwise = row.defaultIs === undefined ? '' : `\n# default: ${row.defaultIs}`;
  return `# ${row.meaning} (${value}).${instead}${otherwise}\n#${envName(row)}=${shown}`;
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  await writeFile('config/example.env', exampleEnv());
}
