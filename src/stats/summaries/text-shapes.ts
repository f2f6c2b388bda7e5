import type { EncodedTexts } from '../column.ts';
import type { TextShapes } from '../profile.ts';

/** Different patterns that are counted; rows of later ones are the rest. */
const MOST_PATTERNS = 512;
const LISTED = 10;
/** Characters of a text that its pattern tells. */
const PATTERN_LENGTH = 64;
/** Texts of a batch that are looked at; of more, evenly spread ones. */
export const LOOKED_AT = 1024;

/** What was counted, as plain data. */
export type ShapesState = {
  readonly rows: number;
  readonly classes: Float64Array;
  readonly patterns: ReadonlyMap<string, number>;
};

const CLASSES = ['upper', 'lower', 'digits', 'spaces', 'punctuation', 'other'] as const;
const UPPER = 0;
const LOWER = 1;
const DIGIT = 2;
const SPACE = 3;
const SIGN = 4;
const OTHER = 5;

/** The class of each ASCII character. */
const CLASS_OF = Uint8Array.from({ length: 128 }, (_, c) => {
  if (c >= 65 && c <= 90) return UPPER;
  if (c >= 97 && c <= 122) return LOWER;
  if (c >= 48 && c <= 57) return DIGIT;
  if (c === 32 || (c >= 9 && c <= 13)) return SPACE;
  return c < 32 || c === 127 ? OTHER : SIGN;
});

/** By byte: what a pattern tells of it. That is its class where that makes runs, else the byte itself. */
const TRAIT_OF = Uint8Array.from({ length: 128 }, (_, c) => (CLASS_OF[c]! <= DIGIT ? CLASS_OF[c]! + 128 : c));

/** A text that has been looked at, by whose traits others of its length are known to have its pattern. */
type KnownShape = {
  readonly traits: Uint8Array;
  readonly pattern: string;
  readonly classes: Float64Array;
  /** Rows of such others that are not among the counts yet. */
  rows: number;
};

/** Of a list of texts the rows of each, and which of those with any are looked at: every `stride`th. */
export type UsedCodes = { readonly counts: Uint32Array; readonly entries: number; readonly stride: number };

/**
 * Which characters the texts of a column are made of, and how: in a pattern `A+`, `a+` and `u+` stand for a run of
 * upper-case, lower-case and other letters and signs beyond ASCII, `9{4}` for four digits, everything else for itself.
 */
export class TextShapeCounts {
  #rows = 0;
  readonly #classes = new Float64Array(CLASSES.length);
  readonly #patterns = new Map<string, number>();
  /** By length in bytes, the last of each: most texts of a column have a pattern that was met before. */
  readonly #known: (KnownShape | undefined)[] = [];

  /** Takes a text that `count` rows have. */
  add(text: string, count: number): void {
    this.#rows += count;
    for (let i = 0; i < text.length; i++) this.#classes[classOf(text.charCodeAt(i))]! += count;
    this.#addPattern(patternOf(text), count);
  }

  /** The same of texts of a list that rows have, of which no strings are made where their patterns are known. */
  addEncoded(encoded: EncodedTexts, { counts, entries, stride }: UsedCodes): void {
    const { bytes, offsets } = encoded;
    let left = 0;
    for (let code = 0; code < entries; code++) {
      const count = counts[code]!;
      if (count === 0 || left-- > 0) continue;
      left = stride - 1;
      const start = offsets[code]!;
      const known = this.#known[offsets[code + 1]! - start];
      if (known !== undefined && hasTraits(bytes, start, known.traits)) known.rows += count;
      else this.#addUnknown(encoded, code, count);
    }
  }

  state(): ShapesState {
    this.#addKnown();
    return { rows: this.#rows, classes: this.#classes, patterns: this.#patterns };
  }

  absorb(other: ShapesState): void {
    this.#rows += other.rows;
    for (let k = 0; k < CLASSES.length; k++) this.#classes[k]! += other.classes[k]!;
    for (const [pattern, count] of other.patterns) this.#addPattern(pattern, count);
  }

  /** Null where there was no text. */
  describe(): TextShapes | null {
    this.#addKnown();
    if (this.#rows === 0) return null;
    const ranked = [...this.#patterns].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const patterns = ranked.slice(0, LISTED).map(([pattern, count]) => ({ pattern, count }));
    const listed = patterns.reduce((sum, { count }) => sum + count, 0);
    const [upper, lower, digits, spaces, punctuation, other] = this.#classes;
    return {
      method: 'text-shapes@1',
      rows: this.#rows,
      characters: {
        upper: upper!,
        lower: lower!,
        digits: digits!,
        spaces: spaces!,
        punctuation: punctuation!,
        other: other!,
      },
      patterns,
      rest: this.#rows - listed,
    };
  }

  #addUnknown({ bytes, offsets, textOf }: EncodedTexts, code: number, count: number): void {
    const start = offsets[code]!;
    const length = offsets[code + 1]! - start;
    const text = textOf(code);
    if (length <= PATTERN_LENGTH) {
      this.#addRows(this.#known[length]);
      this.#known[length] = knownShape(bytes.subarray(start, start + length), text);
    }
    this.add(text, count);
  }

  /** What was found to have a known pattern is added when that is forgotten, or all are asked for. */
  #addKnown(): void {
    for (const known of this.#known) this.#addRows(known);
  }

  #addRows(known: KnownShape | undefined): void {
    if (known === undefined || known.rows === 0) return;
    this.#rows += known.rows;
    for (let k = 0; k < CLASSES.length; k++) this.#classes[k]! += known.classes[k]! * known.rows;
    this.#addPattern(known.pattern, known.rows);
    known.rows = 0;
  }

  #addPattern(pattern: string, count: number): void {
    const known = this.#patterns.get(pattern);
    if (known === undefined && this.#patterns.size >= MOST_PATTERNS) return;
    this.#patterns.set(pattern, (known ?? 0) + count);
  }
}

const classOf = (code: number): number => (code < 128 ? CLASS_OF[code]! : OTHER);

/** Undefined for a text that is not ASCII. */
function knownShape(bytes: Uint8Array, text: string): KnownShape | undefined {
  if (text.length < bytes.length) return undefined;
  const classes = new Float64Array(CLASSES.length);
  for (const byte of bytes) classes[CLASS_OF[byte]!]!++;
  return { traits: bytes.map((byte) => TRAIT_OF[byte]!), pattern: patternOf(text), classes, rows: 0 };
}

function hasTraits(bytes: Uint8Array, start: number, traits: Uint8Array): boolean {
  for (let i = 0; i < traits.length; i++) {
    const byte = bytes[start + i]!;
    if (byte >= 128 || TRAIT_OF[byte] !== traits[i]) return false;
  }
  return true;
}

function patternOf(text: string): string {
  const end = Math.min(text.length, PATTERN_LENGTH);
  let pattern = '';
  for (let i = 0; i < end; ) {
    const code = text.charCodeAt(i);
    const kind = classOf(code);
    let next = i + 1;
    if (kind === SIGN || kind === SPACE || (kind === OTHER && code < 128)) {
      pattern += text[i];
    } else {
      while (next < end && classOf(text.charCodeAt(next)) === kind) next++;
      pattern += kind === UPPER ? 'A+' : kind === LOWER ? 'a+' : kind === DIGIT ? `9{${next - i}}` : 'u+';
    }
    i = next;
  }
  return text.length > end ? `${pattern}…` : pattern;
}

/** The shapes of all parts together; null where one of them has none to give, as profiles from before there were any. */
export function mergeShapes(parts: readonly (TextShapes | null | undefined)[]): TextShapes | null {
  const known = parts.filter((part) => part !== null && part !== undefined);
  if (known.length < parts.length) return null;
  const counts = new TextShapeCounts();
  for (const { rows, characters, patterns } of known) {
    const classes = Float64Array.from(CLASSES, (name) => characters[name]);
    counts.absorb({ rows, classes, patterns: new Map(patterns.map(({ pattern, count }) => [pattern, count])) });
  }
  return counts.describe();
}
