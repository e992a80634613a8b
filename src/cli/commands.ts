import type { Command } from 'commander';
import type { Shell } from './shell.js';

/** A command as the first look at the arguments needs it: nothing else is imported until it is named. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Imports what gives the command its arguments, options and action. */
  load(): Promise<(command: Command, shell: Shell) => void>;
}

/** Every command, in the order of help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'ocr',
    summary: 'read the text of images',
    load: async () => (await import('./ocr.js')).ocr,
  },
  {
    name: 'caption',
    summary: 'describe images',
    load: async () => (await import('./caption.js')).caption,
  },
  {
    name: 'ask',
    summary: 'ask questions about images',
    load: async () => (await import('./ask.js')).ask,
  },
  {
    name: 'compare',
    summary: 'compare images with each other',
    load: async () => (await import('./compare.js')).compare,
  },
  {
    name: 'classify',
    summary: 'give images labels out of a list',
    load: async () => (await import('./classify.js')).classify,
  },
  {
    name: 'extract',
    summary: 'read data out of images, as a schema says',
    load: async () => (await import('./extract.js')).extract,
  },
  {
    name: 'task',
    summary: 'do a task of your own, as its file says',
    load: async () => (await import('./task.js')).task,
  },
  {
    name: 'run',
    summary: 'do what a YAML file says',
    load: async () => (await import('./run.js')).run,
  },
  {
    name: 'worker',
    summary: 'serve the runs of a Redis with hosts of this machine',
    load: async () => (await import('./worker.js')).worker,
  },
  {
    name: 'models',
    summary: 'list the vision models of the hosts',
    load: async () => (await import('./models.js')).models,
  },
  {
    name: 'hosts',
    summary: 'list the hosts of a Redis; drain, resume, add or remove one',
    load: async () => (await import('./hosts.js')).hosts,
  },
  {
    name: 'status',
    summary: 'say how far a run is',
    load: async () => (await import('./status.js')).status,
  },
  {
    name: 'failures',
    summary: 'list the items of a run that are not ok',
    load: async () => (await import('./failures.js')).failures,
  },
  {
    name: 'show',
    summary: 'print an item with all its attempts',
    load: async () => (await import('./show.js')).show,
  },
  {
    name: 'export',
    summary: 'write the rows a run has so far',
    load: async () => (await import('./export.js')).exportRows,
  },
  {
    name: 'config',
    summary: 'print the settings and where each comes from',
    load: async () => (await import('./config.js')).config,
  },
];
