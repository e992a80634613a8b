/** How many are kept: neighbours are asked for together, and at a border two in turn. */
const MOST_KEPT = 2;

/** The value of this name, made where it is not kept; the two asked for last are. */
export function keptIn<T>(kept: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const value = kept.get(name) ?? make();
  kept.delete(name);
  kept.set(name, value); // the one asked for last stands at the end
  for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
  value.catch(() => kept.delete(name));
  return value;
}
