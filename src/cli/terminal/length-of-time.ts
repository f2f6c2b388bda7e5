import { TidemarkError } from '../../errors.ts';

const UNITS: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 7 * 86_400, y: 365 * 86_400 };

/** Seconds of `36h`, `30d`, `8w` or `1y`. @throws TidemarkError `bad-request`. */
export function secondsOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([hdwy])$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  if (seconds !== undefined) return Number(count) * seconds;
  throw new TidemarkError('bad-request', `"${text}" is no length of time; give one like 36h, 30d, 8w or 1y.`);
}

/** The same for people, of whole days from two of them on. */
export function timeOf(seconds: number): string {
  if (seconds >= 172_800) return `${Math.round(seconds / 86_400)} days`;
  if (seconds >= 7200) return `${Math.round(seconds / 3600)} hours`;
  return seconds >= 120 ? `${Math.round(seconds / 60)} minutes` : `${seconds} seconds`;
}
