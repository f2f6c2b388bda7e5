import type { TextShapes } from '../stats/profile.ts';

/** Texts that are numbers or dates to a person, in a writing that no reader takes for such. */
export type WrittenValues = 'written-numbers' | 'written-dates';

/** So much of the rows has to be written so. */
const LEAST_SHARE = 0.9;

/** Digits in groups of three, or a comma before decimals. Groups apart by blanks alone are telephone numbers too. */
const GROUPED = [
  String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?`,
  String.raw`\d{1,3}(?:[.' ]\d{3})+,\d+`,
  String.raw`\d{1,3}(?:'\d{3})+(?:\.\d+)?`,
  String.raw`\d{1,3}(?:\.\d{3}){2,}`,
  String.raw`\d+,\d+`,
].join('|');
const PLAIN = String.raw`\d+(?:\.\d+)?`;
/** A currency in letters, or a sign beyond ASCII: before plain whole numbers these are names, such as K12. */
const NAMED = String.raw`(?:A\+|u\+|\$)`;
const whole = (text: string): RegExp => new RegExp(`^(?:-|\\()?(?:${text})\\)?$`);

const AMOUNTS = [
  whole(`(?:${NAMED} ?)?-?(?:${GROUPED})(?: ?(?:%|${NAMED}))?`),
  whole(String.raw`${NAMED} ?-?\d+\.\d{2}|\d+\.\d{2} ?${NAMED}`),
  whole(String.raw`\$ ?-?${PLAIN}|${PLAIN} ?%|${PLAIN}`),
];
const BARE = new RegExp(`^-?(?:${PLAIN})$`);
/** With AM or PM, which is a run of letters as any. */
const TIME = String.raw`(?:,?[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:A\+|a\+))?)?`;
const DATE = new RegExp(
  `^(?:\\d{4}([./])\\d{1,2}\\1\\d{1,2}|\\d{1,2}([./-])\\d{1,2}\\2(?:\\d{4}|\\d{2})|\\d{1,2}([ -]?)(?:A\\+|a\\+|A\\+a\\+)\\3\\d{4}|A\\+a\\+ \\d{1,2}, \\d{4})${TIME}$`,
);
const ISO = /^\d{4}-\d{2}-\d{2}/;

const isAmount = (text: string): boolean => AMOUNTS.some((amount) => amount.test(text));
const isOddAmount = (text: string): boolean => isAmount(text) && !BARE.test(text);
const isOddDate = (text: string): boolean => DATE.test(text);
const isDate = (text: string): boolean => isOddDate(text) || ISO.test(text);

/** Of more no number is written. A pattern of somebody else's profile may name any. */
const MOST_DIGITS = 64;

/** A text of the pattern: nines for digits, runs of letters as they are named. */
const sampleOf = (pattern: string): string =>
  pattern.replaceAll(/9\{(\d+)\}/gu, (_, length: string) => '9'.repeat(Math.min(Number(length), MOST_DIGITS)));

/**
 * Whether texts of these shapes look like amounts (`1.829,02`, `$1,829.02`, `37,8 %`) or dates (`31.12.2025`,
 * `12/31/2025`). Null where they do not, or where all of them are plain numbers or dates of ISO 8601, which are text for
 * another reason.
 */
export function writtenValues({ rows, patterns }: TextShapes): WrittenValues | null {
  const samples = patterns.map(({ pattern, count }) => ({ text: sampleOf(pattern), count }));
  const rowsThat = (fits: (text: string) => boolean): number =>
    samples.reduce((sum, { text, count }) => sum + (fits(text) ? count : 0), 0);
  if (rowsThat(isDate) >= LEAST_SHARE * rows && rowsThat(isOddDate) > 0) return 'written-dates';
  if (rowsThat(isAmount) >= LEAST_SHARE * rows && rowsThat(isOddAmount) > 0) return 'written-numbers';
  return null;
}

/** Signs with which numbers were written, as whoever reads them says it. */
export type WrittenSigns = { readonly decimal?: ','; readonly thousands?: '.' | ',' | "'" | ' ' };

/** The fewest words first. */
const SIGNS: readonly WrittenSigns[] = [
  { decimal: ',' },
  { thousands: ',' },
  { thousands: "'" },
  { decimal: ',', thousands: '.' },
  { decimal: ',', thousands: "'" },
  { decimal: ',', thousands: ' ' },
];

const readWith = ({ decimal = '.', thousands }: { readonly [sign in keyof WrittenSigns]?: string }): RegExp => {
  const grouped = thousands === undefined ? '' : `|\\d{1,3}(?:[${thousands}]\\d{3})+`;
  return new RegExp(`^-?(?:\\d+${grouped})(?:[${decimal}]\\d+)?$`);
};

/**
 * The signs by which such texts read as numbers; several where they may be either, as `1,829` may. Empty where no signs
 * help, as for amounts with a currency, or the texts are no such.
 */
export function writtenSigns(shapes: TextShapes): WrittenSigns[] {
  if (writtenValues(shapes) !== 'written-numbers') return [];
  const { rows, patterns } = shapes;
  const fits = SIGNS.map((signs) => {
    const reads = readWith(signs);
    return patterns.reduce((sum, { pattern, count }) => sum + (reads.test(sampleOf(pattern)) ? count : 0), 0);
  });
  const most = Math.max(...fits);
  const best = SIGNS.filter((_, i) => fits[i] === most);
  // More signs than are needed say more than is known.
  const words = Math.min(...best.map((signs) => Object.keys(signs).length));
  return most < LEAST_SHARE * rows ? [] : best.filter((signs) => Object.keys(signs).length === words);
}

/** For people: `say decimal "," and thousands "."`. Null where no signs help. */
export function saySigns(written: readonly WrittenSigns[]): string | null {
  const said = written.map((signs) =>
    Object.entries(signs)
      .map(([name, sign]) => `${name} "${sign}"`)
      .join(' and '),
  );
  return said.length === 0 ? null : `say ${said.join(', or ')}`;
}
