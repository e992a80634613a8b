// npm run test:chaos [-- --seed N --seeds N --items N --queue memory|redis --short]: the long form of the chaos suite.
import { build } from './build.mjs';
import { findFaketime } from './faketime.mjs';
import { install } from './install.mjs';
import { findRedis } from './redis.mjs';
import { show } from './steps.mjs';

await install();
if (!(await findRedis())) process.exit(3);
await findFaketime();
if (!(await build())) process.exit(1);
process.exitCode = show(process.execPath, ['dist/test/chaos/main.js', ...process.argv.slice(2)]);
