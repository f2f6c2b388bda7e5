const MEASURED = 'measures time and expects of it: wait for a condition, or set the clock';

/** What makes the outcome of a test hang on how fast the machine is, and what to write instead. */
const HASTE: readonly { readonly found: RegExp; readonly instead: string }[] = [
  {
    // `now()` has microseconds and the columns milliseconds: rounded up, it is still to come.
    found: /\b(?:run_at|lease_until|erase_at|next_attempt_at)\s*=\s*now\(\)(?!\s*[-+])/g,
    instead: "is due by now() alone: subtract an interval '1 second'",
  },
  {
    found: /\b(?:run_at|lease_until|erase_at|next_attempt_at)\s*[<>]=?\s*now\(\)/g,
    instead: 'asks whether something is due at the time of asking: compare with created_at',
  },
  {
    found: /\bexpect\([^;]*?\b(?:performance|Date)\.now\(\)[^;]*?\)\s*\.(?:not\.)?toBe(?:Less|Greater|Close)/g,
    instead: MEASURED,
  },
  {
    // The same, with a name for what was measured.
    found:
      /\bconst (\w+) = [^;]*?\b(?:performance|Date)\.now\(\) - [^;]*;(?=[\s\S]*?\bexpect\(\1\b[^;]*?\)\s*\.(?:not\.)?toBe(?:Less|Greater|Close))/g,
    instead: MEASURED,
  },
];

/** @returns a line for each place of a test's text that a slow machine fails. */
export function findHaste(path: string, text: string): string[] {
  return HASTE.flatMap(({ found, instead }) =>
    Array.from(text.matchAll(found), ({ index }) => `${path}:${text.slice(0, index).split('\n').length} ${instead}`),
  );
}
