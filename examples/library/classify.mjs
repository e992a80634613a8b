// Sorts images by what they show.
// node examples/library/classify.mjs inbox/*.png
import { askImage } from 'visionbatch';

const host = process.env.OLLAMA_HOST ?? 'http://127.0.0.1:11434';

for (const images of process.argv.slice(2)) {
  const { label, status } = await askImage({ images, task: 'classify', labels: ['invoice', 'letter', 'photo'], host });
  console.log(`${images}: ${label ?? status}`);
}
