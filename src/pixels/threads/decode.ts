import type { PdfDocuments } from '../formats/pdf.js';
import type { DecodeReply, DecodeTask } from './task.js';

type PdfTask = Extract<DecodeTask, { readonly document: unknown }>;

/** Decodes one after the other, in one thread. A decoder is loaded when the first file of its kind comes. */
export function decodeTask(): (task: DecodeTask) => Promise<DecodeReply> {
  let documents: PdfDocuments | null = null;
  return async (task) => {
    if ('document' in task) {
      documents ??= (await import('../formats/pdf.js')).createPdfDocuments();
      return await answerOf(documents, task);
    }
    if ('page' in task) {
      const { measure } = await import('./measure.js');
      return { kind: 'measured', value: await measure(task) };
    }
    const { bytes, maxPixels } = task;
    if (task.kind === 'heic') {
      const { decodeHeic } = await import('../formats/heic.js');
      return { kind: 'drawn', raster: await decodeHeic(bytes, maxPixels), pages: 1 };
    }
    const { decodeBmp } = await import('../formats/bmp.js');
    return { kind: 'drawn', raster: decodeBmp(bytes, maxPixels), pages: 1 };
  };
}

async function answerOf(documents: PdfDocuments, task: PdfTask): Promise<DecodeReply> {
  switch (task.kind) {
    case 'pdf-pages':
      return { kind: 'pages', pages: await documents.countPages(task.document) };
    case 'pdf-text':
      return { kind: 'text', text: await documents.readText(task.document, task.page) };
    case 'pdf-draw':
      return { kind: 'drawn', ...(await documents.draw(task.document, task)) };
  }
}
