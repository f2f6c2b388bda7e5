import type { ErrorIssue } from '../errors.ts';

/** Linux's PATH_MAX; a longer path could not be checked out. */
const MAX_PATH_BYTES = 4096;
const MAX_DEPTH = 256;

type PathProblem = Pick<ErrorIssue, 'code' | 'detail'>;

/** Letters, digits, `-`, `_` and `.`, the last not in front, in fewer folders than a path may have. */
const PLAIN = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;
const MAX_PLAIN = 2 * MAX_DEPTH - 2;

/** True for most paths: nothing is wrong with such a one, and no part of it begins with a dot. */
export const isPlainPath = (path: string): boolean => path.length <= MAX_PLAIN && PLAIN.test(path);

/**
 * What is wrong with a path inside a dataset, or null. A path is relative, uses `/`, and stays inside: DVC's
 * checkout writes wherever a manifest says, so nothing that leaves the folder may ever become one.
 */
export function relpathProblem(path: string): PathProblem | null {
  if (isPlainPath(path)) return null;
  if (path === '') return { code: 'empty-path', detail: 'is empty' };
  if (!path.isWellFormed()) return { code: 'not-unicode', detail: 'is not valid Unicode (a lone surrogate)' };
  if (path.includes('\0')) return { code: 'nul-in-path', detail: 'contains a NUL' };
  if (path.includes('\\'))
    return { code: 'backslash-in-path', detail: 'contains a backslash; folders are divided by /' };
  if (path.startsWith('/')) return { code: 'absolute-path', detail: 'is absolute' };
  if (/^[A-Za-z]:/.test(path)) return { code: 'absolute-path', detail: 'begins with a drive letter' };
  return segmentProblem(path.split('/')) ?? lengthProblem(path);
}

/** Names of devices in whatever folder, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
const NOT_ON_WINDOWS = /[<>:"|?*\p{Cc}]/u;
/** Marks that change the direction in which the rest is shown. */
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** All that a name can be warned of, and more: what has nothing of it is not looked at name by name. */
const SUSPECT = /[^\x20-\x7e]|[<>:"|?*]|[. ](?:\/|$)|(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:[./]|$)/i;

/** What befalls a path that can be taken, on machines or before eyes of others; null when nothing does. */
export function relpathWarning(path: string): string | null {
  if (!SUSPECT.test(path)) return null;
  if (TURNING.test(path)) return 'is shown as another name: it turns the direction of writing';
  for (const segment of path.split('/')) {
    if (DEVICE.test(segment)) return 'names a device on Windows';
    if (NOT_ON_WINDOWS.test(segment)) return 'has characters that no name on Windows has';
    if (/[. ]$/.test(segment)) return 'ends in a dot or blank, which Windows takes away';
  }
  return null;
}

function segmentProblem(segments: readonly string[]): PathProblem | null {
  if (segments.length > MAX_DEPTH) return { code: 'path-too-deep', detail: `is deeper than ${MAX_DEPTH} folders` };
  if (segments.at(-1) === '') return { code: 'trailing-slash', detail: 'ends with a slash' };
  for (const segment of segments) {
    if (segment === '') return { code: 'empty-segment', detail: 'contains an empty segment (//)' };
    if (segment === '.' || segment === '..') return { code: 'dot-segment', detail: `contains the segment ${segment}` };
  }
  return null;
}

function lengthProblem(path: string): PathProblem | null {
  const bytes = path.length * 3 <= MAX_PATH_BYTES ? 0 : new TextEncoder().encode(path).length;
  return bytes > MAX_PATH_BYTES ? { code: 'path-too-long', detail: `is longer than ${MAX_PATH_BYTES} bytes` } : null;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Two paths with one folded form are one file on some file system that people use: same after NFC, or but for case. */
export function foldPath(path: string): string {
  // Most are, and of a manifest there are many.
  if (isAscii(path)) return path.toLowerCase();
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** From here on UTF-16 units and code points are ordered in two ways. */
const ODDLY_ORDERED = /[\ud800-\uffff]/;

/** What has paths, in the order of code points; itself where it is in that order already. */
export function inCodePointOrder<T>(list: readonly T[], pathOf: (one: T) => string): readonly T[] {
  // The language's own order is compared many times as fast, and nearly always the same.
  const compare = list.some((one) => ODDLY_ORDERED.test(pathOf(one))) ? compareCodePoints : compareUnits;
  const isInOrder = list.every((one, i) => {
    const before = list[i - 1];
    return before === undefined || compare(pathOf(before), pathOf(one)) <= 0;
  });
  return isInOrder ? list : list.toSorted((a, b) => compare(pathOf(a), pathOf(b)));
}

const compareUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/**
 * Order by code point, as Python sorts. JavaScript's `<` goes by UTF-16 unit, which puts U+1F600 before
 * U+FF5E and would give such a folder another name than DVC does.
 */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  let at = 0;
  while (at < shared && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  const insidePair = isLowSurrogate(a.charCodeAt(at)) || isLowSurrogate(b.charCodeAt(at));
  if (insidePair && isHighSurrogate(a.charCodeAt(at - 1))) at--;
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}
