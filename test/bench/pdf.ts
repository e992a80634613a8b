import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { createPixels } from '../../src/pixels/prepare.js';
import { somePixels } from '../support/builders.js';
import { testFolder } from '../support/images.js';
import { line, pdf as writePdf } from '../unit/pixels/formats/pdfs.js';
import type { BarePdf } from './bare-pdf.js';
import { type BenchOptions, type BenchResult, median } from './bench.js';
import { costOfProgram } from './costly.js';

const BARE = new URL('./bare-pdf.js', import.meta.url);
const STUB_RUN = fileURLToPath(new URL('./stub-run.js', import.meta.url));
const ROUNDS = 5;
const FEW_PAGES = 10;
const MEGABYTE = 1024 * 1024;
/** As `ocr` has them: with the blank test. */
const SETTINGS = somePixels({ blankCheck: true });

/** Written pages drawn for `ocr`: a bare PDFium loop's time ÷ ours, in as many threads; and peak memory of many pages ÷ few. */
export async function pdf({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  return [await speed(quick ? 16 : 64), await flatness(quick ? 200 : 5000)];
}

/** A4 pages of 45 lines. */
function written(pages: number): Buffer {
  const content = Array.from({ length: 45 }, (_, at) => line(`Line ${at}: the quick brown fox jumps`, 800 - 17 * at));
  return writePdf(Array.from({ length: pages }, () => ({ content: content.join(' '), mediaBox: '0 0 595 842' })));
}

async function speed(pages: number): Promise<BenchResult> {
  const threads = availableParallelism();
  const pixels = createPixels({ threads: 1, maxInputPixels: 100_000_000, decodes: threads });
  const bytes = written(pages);
  const draw = (page: number) => pixels.prepareImage({ bytes, page, pages }, SETTINGS);
  const ours = () => Promise.all(Array.from({ length: pages }, (_, at) => draw(at + 1)));
  const { image } = await draw(1);
  const size = { width: image.width, height: image.height };
  const bare = () =>
    Promise.all(Array.from({ length: threads }, (_, first) => barely({ bytes, first, step: threads, ...size })));
  sharp.concurrency(1);
  await ours();
  const rounds: { readonly bare: number; readonly ours: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ bare: await secondsOf(bare), ours: await secondsOf(ours) });
  }
  await pixels.close();
  const perSecond = (seconds: number): string => (pages / seconds).toFixed(1);
  return {
    name: 'pdf',
    ratio: median(rounds.map((round) => round.bare / round.ours)),
    reach: 0.9,
    better: 'higher',
    detail: {
      'ours/s': perSecond(median(rounds.map((round) => round.ours))),
      'bare PDFium/s': perSecond(median(rounds.map((round) => round.bare))),
      threads,
      'pixels a page': `${size.width} × ${size.height}`,
    },
  };
}

async function barely(workerData: BarePdf): Promise<void> {
  await once(new Worker(BARE, { workerData }), 'exit');
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Peak anonymous memory of a whole run with an engine of its own over one PDF. */
async function flatness(pages: number): Promise<BenchResult> {
  const few = await peakOf(FEW_PAGES);
  const many = await peakOf(pages);
  const detail = {
    [`MB at ${FEW_PAGES} pages`]: Math.round(few / MEGABYTE),
    [`MB at ${pages}`]: Math.round(many / MEGABYTE),
  };
  return { name: 'pdf: memory', ratio: many / few, reach: 1.5, better: 'lower', detail };
}

async function peakOf(pages: number): Promise<number> {
  await using folder = await testFolder();
  await writeFile(folder.at('pages.pdf'), written(pages));
  return (await costOfProgram([STUB_RUN, 'pages.pdf', 'out.jsonl'], folder.path)).peakAnonBytes;
}
