import type { MeasureTask } from './task.js';

/** Measures a page, in a thread. */
export async function measure(task: MeasureTask): Promise<number | null> {
  if (task.kind === 'skew') return (await import('../deskew.js')).skewOf(task.page);
  const { inkShare, letterHeight } = await import('../ink/ink.js');
  return task.kind === 'ink' ? inkShare(task.page, task.isPage) : letterHeight(task.page);
}
