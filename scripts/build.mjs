// Compiles everything into dist/.
import { capture, problemOf, step, tool } from './steps.mjs';

/** Whether it compiled. */
export function build() {
  return step('types and build', () =>
    problemOf(capture(process.execPath, [tool('typescript/bin/tsc'), '-p', 'tsconfig.json'])),
  );
}
