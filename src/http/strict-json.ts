import { TidemarkError } from '../errors.ts';

/**
 * `JSON.parse` is too kind for a border: it keeps the last of two equal keys, rounds 9007199254740993, turns
 * 1e999 into Infinity and takes any depth. This scan walks the text once, without recursion, and refuses them.
 */
const MAX_DEPTH = 64;

/**
 * Parses a JSON text, refusing what would be silently changed.
 * @throws TidemarkError `bad-request` when it is not JSON, `invalid-body` when a value cannot be kept as it is.
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  checkDepth(text);
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : 'syntax error';
    throw new TidemarkError('bad-request', `The body is not valid JSON: ${detail}.`, { cause });
  }
  checkTokens(text);
  return value;
}

function refuse(code: string, detail: string, pointer = ''): never {
  const where = pointer === '' ? 'The JSON body' : `The JSON body at ${pointer}`;
  throw new TidemarkError('invalid-body', `${where} cannot be taken as it is: ${detail}.`, {
    issues: [{ code, detail, ...(pointer === '' ? {} : { pointer }) }],
  });
}

/** Before the parser: depth is what a hostile text can hurt it with. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = endOfString(text, i);
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_DEPTH) refuse('too-deep', `it is nested deeper than ${MAX_DEPTH} levels`);
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
}

/** Index of the closing quote of the string that opens at `start`, or the end of an unclosed one. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i++;
    else if (c === 0x22) return i;
  }
  return text.length;
}

/** Where the scan is: in an object under a key, or in a list at a position. */
type Place = { readonly keys: Set<string> | null; at: string | number };

/** After the parser, on a text that is known to be JSON: keys, numbers and strings. */
function checkTokens(text: string): void {
  const places: Place[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) {
      const end = endOfString(text, i);
      checkString(text.slice(i, end + 1), places, isKey(text, end));
      i = end;
    } else if (c === 0x7b) places.push({ keys: new Set(), at: '' });
    else if (c === 0x5b) places.push({ keys: null, at: 0 });
    else if (c === 0x7d || c === 0x5d) places.pop();
    else if (c === 0x2c) countOn(places.at(-1));
    else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const literal = numberAt(text, i);
      checkNumber(literal, places);
      i += literal.length - 1;
    }
  }
}

function countOn(place: Place | undefined): void {
  if (typeof place?.at === 'number') place.at++;
}

/** RFC 6901. */
const pointerOf = (places: readonly Place[]): string =>
  places.map(({ at }) => `/${String(at).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The whole number that begins at `start`, however many digits it has. */
function numberAt(text: string, start: number): string {
  const form = /[-+0-9.eE]+/y;
  form.lastIndex = start;
  return form.exec(text)?.[0] ?? '';
}

function isKey(text: string, end: number): boolean {
  for (let i = end + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c !== 0x20 && c !== 0x09 && c !== 0x0a && c !== 0x0d) return c === 0x3a;
  }
  return false;
}

function checkString(literal: string, places: readonly Place[], isObjectKey: boolean): void {
  // Escapes are rare; a text without any, and well formed, needs no second look.
  const value = literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
  const place = places.at(-1);
  const keys = isObjectKey ? (place?.keys ?? null) : null;
  // A key that cannot be taken cannot be named either, so the object is.
  const pointer = () => pointerOf(keys === null ? places : places.slice(0, -1));
  if (value.includes('\u0000')) refuse('nul-character', 'a string holds the character \\u0000', pointer());
  if (!value.isWellFormed()) refuse('lone-surrogate', 'a string holds half of a surrogate pair', pointer());
  if (keys === null || place === undefined) return;
  if (value === '__proto__') refuse('forbidden-key', 'it has a key "__proto__"', pointer());
  if (keys.has(value)) {
    refuse('duplicate-key', `the key ${JSON.stringify(value)} stands twice in one object`, pointer());
  }
  keys.add(value);
  place.at = value;
}

function checkNumber(literal: string, places: readonly Place[]): void {
  const value = Number(literal);
  if (!Number.isFinite(value)) {
    refuse('number-too-large', `the number ${literal.slice(0, 40)} is too large`, pointerOf(places));
  }
  if (/^-?\d+$/.test(literal) && !Number.isSafeInteger(value)) {
    const detail = `the integer ${literal.slice(0, 40)} cannot be kept exactly; send it as a string`;
    refuse('number-not-exact', detail, pointerOf(places));
  }
}
