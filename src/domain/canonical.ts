/** JSON values compared place by place: the stored report against the recomputed one. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type Difference = {
  readonly pointer: string;
  readonly stored: Json | undefined;
  readonly recomputed: Json | undefined;
};

/**
 * A plain value as the JSON that the database gives back: what JSON cannot hold is null or left out, and U+0000
 * and half surrogate pairs, which come from foreign data and which jsonb refuses, become U+FFFD.
 */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value);
  // JSON.parse of a text that JSON.stringify made holds nothing but JSON. Asking every value takes most of the time.
  return (MAY_BE_UNSTORABLE.test(text) ? JSON.parse(text, storable) : JSON.parse(text)) as Json;
}

/** The text of a plain value, with the same left out and replaced. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return MAY_BE_UNSTORABLE.test(text) ? JSON.stringify(toJson(value)) : text;
}

/** How JSON.stringify writes U+0000 and the halves of pairs. */
const MAY_BE_UNSTORABLE = /\\u(?:0000|d[89a-f])/;

const storable = (_: string, inner: unknown): unknown =>
  typeof inner === 'string' && (inner.includes('\0') || !inner.isWellFormed())
    ? inner.replaceAll('\0', '\ufffd').toWellFormed()
    : inner;

/** The same text for equal values, whatever the order of their keys. */
export function canonicalJson(value: Json): string {
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** Every place where two values differ, as JSON pointers, in order of keys. */
export function* differencesOf(
  stored: Json | undefined,
  recomputed: Json | undefined,
  pointer = '',
): Generator<Difference> {
  if (isObject(stored) && isObject(recomputed)) {
    const keys = [...new Set([...Object.keys(stored), ...Object.keys(recomputed)])].sort();
    for (const key of keys) yield* differencesOf(stored[key], recomputed[key], `${pointer}/${escaped(key)}`);
  } else if (isList(stored) && isList(recomputed)) {
    const length = Math.max(stored.length, recomputed.length);
    for (let i = 0; i < length; i++) yield* differencesOf(stored[i], recomputed[i], `${pointer}/${i}`);
  } else if (stored === undefined || recomputed === undefined || canonicalJson(stored) !== canonicalJson(recomputed)) {
    yield { pointer, stored, recomputed };
  }
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
