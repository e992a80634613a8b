import { messageOf } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { ServedHost } from '../hosts.js';

/**
 * The model of a run for which none was named: the only vision model on the hosts, never a silent choice.
 *
 * @throws ExitError 2 where there are several, 3 where there is none or no host answers
 */
export async function chooseModel(hosts: readonly ServedHost[], signal: AbortSignal): Promise<string> {
  const looks = await Promise.allSettled(hosts.map(({ engine }) => engine.visionModels(signal)));
  const names = [...new Set(looks.flatMap((look) => (look.status === 'fulfilled' ? look.value : [])))].sort();
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    throw new ExitError(EXIT.usage, `Several vision models are on the hosts: ${names.join(', ')}.`, {
      fix: `Name one: --model ${only}`,
    });
  }
  const reasons = looks.flatMap((look) => (look.status === 'rejected' ? [messageOf(look.reason)] : []));
  if (reasons.length > 0) throw new ExitError(EXIT.dependency, reasons.join('\n'));
  throw new ExitError(EXIT.dependency, `No vision model is on ${hosts.map(({ engine }) => engine.host).join(', ')}.`, {
    fix: 'Pull one on every host, for example: ollama pull gemma3',
  });
}
