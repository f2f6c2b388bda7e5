/** A number as JSON and CSV spell it; codes such as `007` and `+1` are texts. */
const NUMBER = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const WHOLE = /^(-?\d+)(?:\.0*)?$/;
const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ...['true', 'True', 'TRUE'].map((text) => [text, 'true'] as const),
  ...['false', 'False', 'FALSE'].map((text) => [text, 'false'] as const),
]);

/**
 * The text that a label is known by, however it was written and whatever came in its batch: 1, 1.0 and "1" are one
 * label. A number is written as JavaScript writes its double, and to the last digit where it is an integer of 64 bits.
 * Pure, and does nothing to what it made.
 */
export function labelText(text: string): string {
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined || !NUMBER.test(text)) return boolean ?? text;
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  const digits = WHOLE.exec(text)?.[1];
  if (digits !== undefined && !Number.isSafeInteger(value)) {
    const exact = BigInt(digits);
    if (exact === BigInt.asIntN(64, exact)) return String(exact);
  }
  return String(value + 0);
}

/** Labels that say the same: where the training data has the one pair, the other is read as it. */
const PAIRS: readonly (readonly [string, string])[][] = [
  [
    ['true', '1'],
    ['false', '0'],
  ],
  [
    ['1', 'true'],
    ['0', 'false'],
  ],
];

/** The label of these classes that a text stands for; itself where it is none of them. */
export function labelAmong(text: string, classes: ReadonlySet<string>): string {
  const label = labelText(text);
  if (classes.size === 0 || classes.has(label)) return label;
  const pair = PAIRS.find((names) => [...classes].every((known) => names.some(([, name]) => name === known)));
  return pair?.find(([name]) => name === label)?.[1] ?? label;
}
