import { Buffer } from 'node:buffer';
import { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSvgDrawer, type SvgDrawer, type SvgDrawerOptions } from '../../../../src/pixels/svg/drawer.js';

const LIMITS = { dpi: 96, maxSide: 4000, maxPixels: 16_000_000, maxInputPixels: 50_000_000, timeoutSecs: 60 };
const DOT = svg('<rect width="9" height="9"/>', 50);
/** Librsvg works at it for minutes. */
const ENDLESS = svg(
  `<filter id="f" x="0" y="0" width="1" height="1">${'<feTurbulence baseFrequency="0.9" numOctaves="9"/>'.repeat(600)}</filter><rect width="3000" height="3000" filter="url(#f)"/>`,
  3000,
);

function svg(content: string, side: number): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${content}</svg>`);
}

/** The processes that were started. */
let started: ChildProcess[];
let drawer: SvgDrawer;

function note(message: unknown): void {
  const child: unknown = Reflect.get(Object(message), 'process');
  if (child instanceof ChildProcess) started.push(child);
}

function open(options: SvgDrawerOptions = {}): SvgDrawer {
  drawer = createSvgDrawer(options);
  return drawer;
}

beforeEach(() => {
  started = [];
  subscribe('child_process', note);
});
afterEach(() => {
  unsubscribe('child_process', note);
  drawer.close();
});

it('one process draws one SVG after another, and is let go when there is none for a while', async () => {
  const { draw } = open({ idleMs: 300 });
  for (let drawn = 0; drawn < 3; drawn += 1) expect(await draw(DOT, LIMITS)).toMatchObject({ width: 50 });
  expect(started).toHaveLength(1);
  const [only] = started;
  if (only?.signalCode === null) await once(only, 'exit');
  expect(only?.signalCode).toBe('SIGKILL');
  expect(await draw(DOT, LIMITS)).toMatchObject({ width: 50 });
  expect(started).toHaveLength(2);
});

it('an SVG that comes just as its process is let go is drawn by another one', async () => {
  const { draw } = open({ idleMs: 20 });
  await draw(DOT, LIMITS);
  await delay(20); // set after the one that lets the process go: it ends right after that, and long before the process
  expect(await draw(DOT, LIMITS)).toMatchObject({ width: 50 });
});

it('an SVG whose process was killed before it came is drawn by another one', async () => {
  const { draw } = open();
  await draw(DOT, LIMITS);
  started[0]?.kill('SIGKILL');
  expect(await draw(DOT, LIMITS)).toMatchObject({ width: 50 });
  expect(started).toHaveLength(2);
});

it('an SVG whose process is killed over it is no fault of the file', async () => {
  const drawing = expect(open().draw(ENDLESS, LIMITS)).rejects.toMatchObject({ code: 'UNEXPECTED' });
  started[0]?.kill('SIGKILL');
  await drawing;
});

it('an SVG whose process breaks down over it is unreadable', async () => {
  const drawing = expect(open().draw(ENDLESS, LIMITS)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  started[0]?.kill('SIGABRT');
  await drawing;
});
