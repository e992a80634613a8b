/** Where a value stands, so far as it decides what the files and variables in it are. */
export interface Place {
  /** Folder that file names are relative to. */
  readonly folder: string;
  /** A variable of the environment; null where it is not set, or empty. */
  variable(name: string): string | null;
}

/** A place, and who hears what is wrong there. */
export interface Reading extends Place {
  /** Notes what is wrong with a value, or with the part of it at a path. */
  complain(path: readonly PropertyKey[], message: string): void;
}

/** Reads variables. An empty one is as good as none. */
export function variablesOf(env: Readonly<Record<string, string | undefined>>): Place['variable'] {
  return (name) => env[name] || null;
}

/** The working directory and the environment of this process. */
export function processPlace(): Place {
  return { folder: process.cwd(), variable: variablesOf(process.env) };
}
