// Finds Debian's faketime for the tests in which clocks jump, or installs it.
import { installed, onPath } from './debian.mjs';
import { say } from './steps.mjs';

/** Without it everything else is tested all the same. */
export async function findFaketime() {
  if (onPath('faketime') || (await installed('faketime'))) return;
  say('No faketime: no clock jumps in these tests. On Debian, Ubuntu and WSL: sudo apt-get install faketime');
}
