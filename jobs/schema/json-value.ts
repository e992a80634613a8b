/**
 * A value as JSON holds it, for records: dates in ISO 8601, maps and sets as objects and lists, whole numbers beyond a
 * double's as text, undefined members left out. What is JSON already comes back as it is.
 */
export function jsonValue(value: unknown): unknown {
  if (isJson(value)) return value;
  return JSON.parse(JSON.stringify(value, (_name, member: unknown) => plain(member)) ?? 'null');
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every(isJson);
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}
