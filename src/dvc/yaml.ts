/** The scalars of YAML 1.2 that `.dvc` files hold, written as DVC's own writer (ruamel.yaml) quotes them. */

/** Plain scalars that would be read as something else than text. */
const NOT_TEXT = [
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|=|<<)$/,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9_]+)$/,
  /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|[0-9][0-9_]*(?=[eE])|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?$/,
  /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?$/,
];

/** What no plain or single-quoted scalar may hold: controls, line ends of any kind, byte order marks, halves of pairs. */
const UNPRINTABLE = /[^\x20-\x7e\xa0-\u{10ffff}]|[\u2028\u2029\ufeff]|\p{Surrogate}/u;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '/': '/',
  ' ': ' ',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

const UNESCAPED = new Map(Object.entries(SHORT_ESCAPES).map(([character, letter]) => [letter, character]));
const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Text as a YAML scalar on one line: plain where that is safe, else in single, else in double quotes. */
export function writeScalar(text: string): string {
  if (UNPRINTABLE.test(text)) return doubleQuoted(text);
  return isPlain(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

function isPlain(text: string): boolean {
  if (text === '' || text.trim() !== text || /^(?:---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text)) return false;
  if (/:\s|\s#|:$/.test(text)) return false;
  return !NOT_TEXT.some((pattern) => pattern.test(text));
}

function doubleQuoted(text: string): string {
  const escaped = text.replace(
    /["\\]|[^\x20-\x7e\xa0-\u{10ffff}]|[\u2028\u2029\ufeff]|\p{Surrogate}/gu,
    (character) => {
      const short = SHORT_ESCAPES[character];
      if (short !== undefined) return `\\${short}`;
      const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
      return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
    },
  );
  return `"${escaped}"`;
}

/**
 * The text of a scalar given as written, continuation lines already joined by a blank. Null for what this
 * reader does not take: flow collections, block scalars, anchors, tags, an open quote.
 */
export function readScalar(source: string): string | null {
  const text = source.trim();
  if (text.startsWith("'")) {
    const match = /^'((?:[^']|'')*)'(?:\s+#.*)?$/u.exec(text);
    return match?.[1]?.replaceAll("''", "'") ?? null;
  }
  if (text.startsWith('"')) {
    const match = /^"((?:[^"\\]|\\.)*)"(?:\s+#.*)?$/u.exec(text);
    return match?.[1] === undefined ? null : unescaped(match[1]);
  }
  if (/^[[{&*!|>%@`]/.test(text)) return null;
  return text.replace(/(?:^|\s+)#.*$/, '');
}

function unescaped(body: string): string | null {
  let valid = true;
  const text = body.replace(
    /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gu,
    (_, x, u, big, short) => {
      const code = Number.parseInt(x ?? u ?? big ?? '', 16);
      if (Number.isNaN(code)) {
        const character = UNESCAPED.get(short);
        valid &&= character !== undefined && HEX_ESCAPES[short] === undefined;
        return character ?? '';
      }
      valid &&= code <= 0x10ffff;
      return valid ? String.fromCodePoint(code) : '';
    },
  );
  return valid ? text : null;
}
