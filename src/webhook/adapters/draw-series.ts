const LEVELS = '▁▂▃▄▅▆▇█';
const NOTHING = '·';

/**
 * A series as a line of small bars, in characters that every channel shows: no picture has to be fetched, and none is kept
 * anywhere. The height is that of the highest bar or of the limit, whichever is higher, so that what is well below its
 * limit looks so; a value that is not there is a dot.
 */
export function drawSeries(series: readonly (number | null)[], limit: number | null): string {
  const sizes = series.map((value) => (value === null ? null : Math.abs(value)));
  const top = Math.max(limit ?? 0, ...sizes.map((size) => size ?? 0));
  return sizes.map((size) => (size === null ? NOTHING : LEVELS.charAt(levelOf(size, top)))).join('');
}

function levelOf(size: number, top: number): number {
  return top > 0 ? Math.min(LEVELS.length - 1, Math.floor((size / top) * LEVELS.length)) : 0;
}
