/**
 * A value of type `T` as it stands in a record, which is JSON: dates are ISO 8601 text, sets are lists, maps are
 * objects, and whole numbers beyond a double's are text. What is JSON already stays as it is.
 */
export type Json<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends bigint
      ? number | string
      : T extends Date
        ? string
        : T extends ReadonlyMap<unknown, infer V>
          ? Record<string, Json<V>>
          : T extends ReadonlySet<infer U>
            ? Json<U>[]
            : T extends object
              ? { [Key in keyof T]: Json<T[Key]> }
              : never;
