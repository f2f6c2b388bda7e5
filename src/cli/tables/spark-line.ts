const LEVELS = '▁▂▃▄▅▆▇█';

/** Most marks of a line. */
const WIDTH = 16;

/** Shares as a line of small bars, scaled to the largest of `top`; nothing there is a blank. */
export function sparkLine(shares: readonly number[], top = Math.max(...shares)): string {
  if (!(top > 0)) return ' '.repeat(Math.min(WIDTH, shares.length));
  return squeezed(shares)
    .map((share) => {
      if (share <= 0) return ' ';
      const level = Math.min(LEVELS.length - 1, Math.floor((share / top) * LEVELS.length));
      return LEVELS.charAt(level);
    })
    .join('');
}

/** At most `WIDTH` shares: neighbours share a mark, as tall as the taller one, so that a peak stays visible. */
function squeezed(shares: readonly number[]): number[] {
  if (shares.length <= WIDTH) return [...shares];
  return Array.from({ length: WIDTH }, (_, i) => {
    const from = Math.floor((i * shares.length) / WIDTH);
    return Math.max(...shares.slice(from, Math.floor(((i + 1) * shares.length) / WIDTH)));
  });
}
