import { argv } from 'node:process';
import pLimit from 'p-limit';
import { Agent } from 'undici';
import { askBare } from './bare-ask.js';

/** Asks about one file so many times, as a program of its own: URL, file, times, requests at once. */
const [url = '', file = '', times, atOnce] = argv.slice(2);
const connections = Number(atOnce);
const dispatcher = new Agent({ connections, headersTimeout: 0, bodyTimeout: 0 });
const limit = pLimit(connections);
await Promise.all(Array.from({ length: Number(times) }, () => limit(() => askBare({ url, dispatcher, file }))));
await dispatcher.close();
