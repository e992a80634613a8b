// A conversation about one image. The server keeps nothing of it: the history goes out with every question.
// node examples/library/chat.mjs photo.png 'What is this?' 'How old is it?'
import { askImage } from 'visionbatch';

const [images = 'photo.jpg', first = 'What is this?', ...others] = process.argv.slice(2);
const host = process.env.OLLAMA_HOST ?? 'http://127.0.0.1:11434';

let { history } = await askImage({ images, prompt: first, host });
for (const prompt of others) ({ history } = await askImage({ history, prompt, host }));
for (const { role, content } of history) console.log(`${role}: ${content}`);
