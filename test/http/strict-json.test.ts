import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTidemarkError } from '../../src/errors.ts';
import { parseStrictJson } from '../../src/http/strict-json.ts';

/** `code` of the refusal, with the issue's own code where it has one; undefined when the text is taken. */
function refusalOf(text: string): string | undefined {
  try {
    parseStrictJson(text);
    return undefined;
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    return [error.code, ...error.issues.map((issue) => issue.code)].join(' ');
  }
}

const REFUSED: readonly [string, string, string][] = [
  ['a key that stands twice', '{"a":1,"a":2}', 'invalid-body duplicate-key'],
  ['a key that stands twice, once escaped', '{"a":1,"\\u0061":2}', 'invalid-body duplicate-key'],
  ['a key that stands twice far inside', '[{"x":[{"b":1,"c":{},"b":[]}]}]', 'invalid-body duplicate-key'],
  ['__proto__', '{"__proto__":{"admin":true}}', 'invalid-body forbidden-key'],
  ['__proto__, escaped', '{"__pr\\u006fto__":1}', 'invalid-body forbidden-key'],
  ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'invalid-body too-deep'],
  ['65 levels of objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, 'invalid-body too-deep'],
  ['100,000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'invalid-body too-deep'],
  ['100,000 levels that never close', '[{"a":'.repeat(50_000), 'invalid-body too-deep'],
  ['a number beyond doubles', '1e999', 'invalid-body number-too-large'],
  ['a number beyond doubles, below zero', '[-1e999]', 'invalid-body number-too-large'],
  ['a number whose exponent hides behind zeros', `1e${'0'.repeat(2000)}999`, 'invalid-body number-too-large'],
  ['an integer of 400 digits', '1'.repeat(400), 'invalid-body number-too-large'],
  ['an integer that doubles round', '9007199254740993', 'invalid-body number-not-exact'],
  ['an integer that doubles round, below zero', '{"id":-9007199254740993}', 'invalid-body number-not-exact'],
  ['half a surrogate pair', '"\\ud800"', 'invalid-body lone-surrogate'],
  ['half a surrogate pair in a key', '{"\\udc00":1}', 'invalid-body lone-surrogate'],
  ['half a surrogate pair, not escaped', '"\ud800x"', 'invalid-body lone-surrogate'],
  ['U+0000', '"a\\u0000b"', 'invalid-body nul-character'],
  ['U+0000 in a key', '{"\\u0000":1}', 'invalid-body nul-character'],
  ['nothing', '', 'bad-request'],
  ['two texts', '{}{}', 'bad-request'],
  ['NaN', '[NaN]', 'bad-request'],
  ['a byte order mark', '\ufeff{}', 'bad-request'],
  ['a trailing comma', '[1,]', 'bad-request'],
  ['an unclosed string', '["a', 'bad-request'],
];

const TAKEN: readonly string[] = [
  `${'['.repeat(64)}${']'.repeat(64)}`,
  '{"a":{"a":{"a":1}},"b":{"a":1}}',
  '{"constructor":1,"toString":2,"hasOwnProperty":3}',
  '["__proto__","a","a"]',
  '[9007199254740991,-9007199254740991,-0,0.1,1e308,5e-324,1e-999]',
  `[0.${'1'.repeat(3000)},${'0'.repeat(0)}1]`,
  '"\\ud83d\\ude00 [[[[{{{{ \\" \\\\"',
  ' \t\r\n{ "a" \n:\t[ ] } ',
];

/** Where the first issue lies; undefined where it is the text as a whole. */
function placeOf(text: string): string | undefined {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (isTidemarkError(error)) return error.issues[0]?.pointer;
  }
  return undefined;
}

describe('a strict JSON text', () => {
  it.each([
    ['{"a":[1,{"b/c~":[0,9007199254740993]}]}', '/a/1/b~1c~0/1'],
    ['[{"x":","},[],"\\ud800"]', '/2'],
    ['{"a":{"b":1},"c":"\\u0000"}', '/c'],
    ['{"a":{"b":1,"b":2}}', '/a'],
    ['[1e999]', '/0'],
    ['1e999', undefined],
  ])('says where in %s it cannot be taken', (text, pointer) => {
    expect(placeOf(text)).toBe(pointer);
  });

  it.each(REFUSED)('refuses %s', (_, text, refusal) => {
    expect(refusalOf(text)).toBe(refusal);
  });

  it.each(TAKEN)('takes what JSON.parse keeps as it is (%#)', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it('says what is wrong and leaves out what is long', () => {
    expect(() => parseStrictJson('{"a":1,"a":2}')).toThrow('the key "a" stands twice in one object');
    expect(() => parseStrictJson(`[${'9'.repeat(300)}]`)).toThrow(/the integer 9{40} cannot be kept exactly/);
  });

  it('gives back what JSON.stringify wrote, or names a reason', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        const text = JSON.stringify(value);
        const refusal = refusalOf(text);
        if (refusal === undefined) expect(parseStrictJson(text)).toEqual(JSON.parse(text));
        else expect(refusal).toMatch(/number-not-exact|nul-character|forbidden-key|lone-surrogate/);
      }),
      { numRuns: 500 },
    );
  });

  it('never takes a text that JSON.parse refuses, whatever it holds', () => {
    const piece = fc.constantFrom(
      ...'{}[]",:0123456789.eE+-\\ntrufalsn \u0000\ud800'.split(''),
      '"a"',
      '\\u0000',
      '1e9',
      '\\"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        const text = pieces.join('');
        if (refusalOf(text) === undefined) expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['numbers', (n: number) => `[${'1,'.repeat(n)}1]`],
    ['one number', (n: number) => `0.${'1'.repeat(n * 2)}`],
    ['quotes', (n: number) => `["${'\\"'.repeat(n)}"]`],
    ['space after strings', (n: number) => `["a"${' '.repeat(n * 2)}]`],
    ['keys', (n: number) => `{${Array.from({ length: n / 4 }, (_, i) => `"${i}":0`).join()}}`],
    ['signs', (n: number) => `[${'-'.repeat(n * 2)}]`],
    ['an unclosed string', (n: number) => `"${'\\'.repeat(n * 2 + 1)}`],
  ])('looks at each character a bounded number of times: %s', (_, make) => {
    // Quadratic work on two million characters would take hours, not seconds.
    const before = process.cpuUsage();
    refusalOf(make(1_000_000));
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(60);
  });
});
