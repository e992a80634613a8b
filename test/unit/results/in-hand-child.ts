// Fills the file of what is in hand to the largest size that this process may write, then gives the space back.
import { stdout } from 'node:process';
import { toVisionError } from '../../../src/core/errors.js';
import { InHand } from '../../../src/results/in-hand.js';
import { TestFolder } from './stores.js';

using folder = new TestFolder();
const inHand = new InHand(folder.at('.'));
inHand.take(['a.png']);
const long = `${'x'.repeat(2_000)}.png`;
try {
  inHand.take([long]);
} catch (error) {
  stdout.write(`${toVisionError(error).code} `);
}
inHand.leave([long]);
inHand.close();
stdout.write(JSON.stringify(new InHand(folder.at('.')).keys()));
