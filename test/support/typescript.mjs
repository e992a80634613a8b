// `node --import` this, and TypeScript sources run in a child process as they are, without a build.
import { register } from 'node:module';

register(new URL('./typescript-hooks.mjs', import.meta.url));
