// Describes one image, given in every form that an image can have.
// node examples/library/describe.mjs photo.png http://127.0.0.1:8080/photo.png
import { readFile } from 'node:fs/promises';
import { askImage } from 'visionbatch';

const [path = 'photo.jpg', url] = process.argv.slice(2);
const host = process.env.OLLAMA_HOST ?? 'http://127.0.0.1:11434';
const bytes = await readFile(path);
const base64 = bytes.toString('base64');

const forms = {
  path,
  base64,
  'data URL': `data:image/png;base64,${base64}`,
  bytes,
  ...(url === undefined ? {} : { URL: url }),
};

for (const [form, images] of Object.entries(forms)) {
  const { text, status, error } = await askImage({
    images,
    prompt: 'Describe this image in one sentence.',
    host,
    allowPrivateUrls: true, // only where every URL is your own: it may reach machines of your network
  });
  console.log(`${form}: ${status === 'ok' ? text : error?.message}`);
}
