// Asks about several images in one request.
// node examples/library/compare.mjs before.png after.png
import { askImage } from 'visionbatch';

const { text, error } = await askImage({
  images: process.argv.slice(2),
  prompt: 'What differs between these images?',
  host: process.env.OLLAMA_HOST ?? 'http://127.0.0.1:11434',
});
console.log(text ?? error?.message);
