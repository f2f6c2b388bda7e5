/**
 * Timing. What is compared runs in turns inside one process run, so that a slow phase of the machine meets all
 * contenders; the first turn of each warms up and is not counted.
 */

/** One turn. Returns the milliseconds that count when preparation is to be left out; else all of it counts. */
export type Contender = (round: number) => Promise<number | undefined>;

export type Times = { readonly min: number; readonly median: number; readonly rounds: readonly number[] };

/** Runs each contender once per round, in an order that turns from round to round. Round 0 is the warm-up. */
export async function interleave<N extends string>(
  contenders: Readonly<Record<N, Contender>>,
  options: { readonly rounds: number },
): Promise<Record<N, Times>> {
  const names = Object.keys(contenders) as N[];
  const taken = new Map<N, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= options.rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const started = performance.now();
      const counted = await contenders[name](round);
      const elapsed = counted ?? performance.now() - started;
      if (round > 0) taken.get(name)?.push(elapsed);
    }
  }
  // Every name was given a list above.
  return Object.fromEntries(names.map((name) => [name, timesOf(taken.get(name) ?? [])])) as Record<N, Times>;
}

export function timesOf(rounds: readonly number[]): Times {
  return { min: Math.min(...rounds), median: median(rounds), rounds };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2;
}

/** The median over the rounds of one contender's time against the other's of the same round. */
export function medianRatio(dividend: Times, divisor: Times): number {
  return median(dividend.rounds.map((time, i) => time / (divisor.rounds[i] ?? Number.NaN)));
}

let sunk = 0;

/** Takes a result, so that nothing that was measured counts as dead code. */
export function sink(value: number | string | null | undefined): void {
  sunk = (Math.imul(sunk, 31) + String(value).length) | 0;
}

/** What became of everything taken; printed at the end. */
export const sinkValue = (): number => sunk;
