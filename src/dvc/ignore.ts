/**
 * What `.dvcignore` files leave out. Their lines are patterns as in `.gitignore`; where DVC takes one otherwise than
 * Git, this does as DVC: `a/**` leaves out the folder `a` itself, and what is below a folder that a pattern names is
 * left out with it.
 */

export type IgnoreRule = {
  /** It takes back what rules before it left out. */
  readonly negated: boolean;
  /** It names folders alone. */
  readonly folderOnly: boolean;
  /** It begins at the folder of its file, not at any depth below. */
  readonly anchored: boolean;
  /** It names what is below, by a "**" at its end. */
  readonly below: boolean;
  /** The names of folders and files between one "**" and the next. */
  readonly runs: readonly (readonly Glob[])[];
};

/** The rules of one file, in its order. Blank lines, comments and patterns with an open bracket are none. */
export function parseIgnore(text: string): IgnoreRule[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => parseRule(line) ?? []);
}

function parseRule(line: string): IgnoreRule | null {
  const negated = line.startsWith('!');
  const segments = (negated ? line.slice(1) : line).split('/');
  const folderOnly = segments.at(-1) === '';
  const anchored = segments[0] === '' || segments.slice(0, -1).length > (folderOnly ? 1 : 0);
  if (segments[0] === '') segments.shift();
  if (folderOnly) segments.pop();
  if (segments.length === 0 || segments.includes('')) return null;
  const free = segments[0] === '**';
  const runs: Glob[][] = [[]];
  for (const segment of segments) {
    if (segment === '**') {
      if (runs.at(-1)?.length !== 0) runs.push([]);
      continue;
    }
    const glob = parseGlob(segment);
    if (glob === null) return null;
    runs.at(-1)?.push(glob);
  }
  const below = segments.at(-1) === '**' && segments.length > 1;
  return { negated, folderOnly, anchored: anchored && !free, below, runs: runs.filter((run) => run.length > 0) };
}

/**
 * What the last rule that speaks of a path says of it: left out or not; null when none does.
 * @param names the path's folders and its own name, from the folder of the file that the rules are in.
 */
export function isLeftOut(rules: readonly IgnoreRule[], names: readonly string[], isFolder: boolean): boolean | null {
  for (let i = rules.length - 1; i >= 0; i--) {
    const rule = rules[i];
    if (rule === undefined || (rule.folderOnly && !isFolder)) continue;
    if (matches(rule, names, isFolder)) return !rule.negated;
  }
  return null;
}

/** A path agrees when it begins as the rule says. So each run may be taken where it is found first. */
function matches(rule: IgnoreRule, names: readonly string[], isFolder: boolean): boolean {
  let at = 0;
  for (const [i, run] of rule.runs.entries()) {
    const last = i === 0 && rule.anchored ? 0 : names.length - run.length;
    while (at <= last && !run.every((glob, k) => isGlobOf(glob, names[at + k]))) at++;
    if (at > last) return false;
    at += run.length;
  }
  return !rule.below || at < names.length || isFolder;
}

/** A piece of a name: a character itself, any one, any number of any, or one of a set. */
type Piece = string | typeof ANY | typeof STAR | { readonly negated: boolean; readonly ranges: readonly Range[] };
type Glob = readonly Piece[];
type Range = readonly [from: number, to: number];

const ANY = Symbol('any character');
const STAR = Symbol('any characters');

/** Null for a set that is not closed and a backslash with nothing behind it. */
function parseGlob(text: string): Glob | null {
  const characters = Array.from(text);
  const pieces: Piece[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    if (character === '*') pieces.push(STAR);
    else if (character === '?') pieces.push(ANY);
    else if (character === '\\') {
      const escaped = characters[++i];
      if (escaped === undefined) return null;
      pieces.push(escaped);
    } else if (character === '[') {
      // A bracket that comes first is one of the set.
      const negated = characters[i + 1] === '!' || characters[i + 1] === '^';
      const start = i + (negated ? 2 : 1);
      const end = characters.indexOf(']', start + 1);
      if (end === -1) return null;
      pieces.push({ negated, ranges: rangesOf(characters.slice(start, end)) });
      i = end;
    } else pieces.push(character);
  }
  return pieces;
}

function rangesOf(set: readonly string[]): Range[] {
  const ranges: Range[] = [];
  for (let i = 0; i < set.length; i++) {
    const from = set[i]?.codePointAt(0) ?? 0;
    const isRange = set[i + 1] === '-' && i + 2 < set.length;
    if (isRange) i += 2;
    ranges.push([from, isRange ? (set[i]?.codePointAt(0) ?? 0) : from]);
  }
  return ranges;
}

/** Goes back to the last star alone, so that its time is bounded by the product of both lengths. */
function isGlobOf(glob: Glob, name: string | undefined): boolean {
  if (name === undefined) return false;
  const characters = Array.from(name);
  let [at, piece] = [0, 0];
  let back: { at: number; piece: number } | null = null;
  while (at < characters.length) {
    const wanted = glob[piece];
    if (wanted === STAR) back = { at, piece: piece++ };
    else if (wanted !== undefined && isPieceOf(wanted, characters[at] ?? '')) {
      at++;
      piece++;
    } else if (back === null) return false;
    else {
      at = ++back.at;
      piece = back.piece + 1;
    }
  }
  while (glob[piece] === STAR) piece++;
  return piece === glob.length;
}

function isPieceOf(piece: Piece, character: string): boolean {
  if (typeof piece === 'string') return piece === character;
  if (typeof piece === 'symbol') return true;
  const code = character.codePointAt(0) ?? 0;
  return piece.ranges.some(([from, to]) => code >= from && code <= to) !== piece.negated;
}
