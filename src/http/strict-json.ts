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

function refuse(code: string, detail: string): never {
  throw new TidemarkError('invalid-body', `The JSON body cannot be taken as it is: ${detail}.`, {
    issues: [{ code, detail }],
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

/** After the parser, on a text that is known to be JSON: keys, numbers and strings. */
function checkTokens(text: string): void {
  const keys: (Set<string> | null)[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) {
      const end = endOfString(text, i);
      checkString(text.slice(i, end + 1), keys.at(-1) ?? null, isKey(text, end));
      i = end;
    } else if (c === 0x7b) keys.push(new Set());
    else if (c === 0x5b) keys.push(null);
    else if (c === 0x7d || c === 0x5d) keys.pop();
    else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const literal = numberAt(text, i);
      checkNumber(literal);
      i += literal.length - 1;
    }
  }
}

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

function checkString(literal: string, keys: Set<string> | null, isObjectKey: boolean): void {
  // Escapes are rare; a text without any, and well formed, needs no second look.
  const value = literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
  if (value.includes('\u0000')) refuse('nul-character', 'a string holds the character \\u0000');
  if (!value.isWellFormed()) refuse('lone-surrogate', 'a string holds half of a surrogate pair');
  if (!isObjectKey || keys === null) return;
  if (value === '__proto__') refuse('forbidden-key', 'it has a key "__proto__"');
  if (keys.has(value)) refuse('duplicate-key', `the key ${JSON.stringify(value)} stands twice in one object`);
  keys.add(value);
}

function checkNumber(literal: string): void {
  const value = Number(literal);
  if (!Number.isFinite(value)) refuse('number-too-large', `the number ${literal.slice(0, 40)} is too large`);
  if (/^-?\d+$/.test(literal) && !Number.isSafeInteger(value)) {
    refuse('number-not-exact', `the integer ${literal.slice(0, 40)} cannot be kept exactly; send it as a string`);
  }
}
