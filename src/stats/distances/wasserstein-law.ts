import type { PooledValues } from '../summaries/pooled-values.ts';
import { gammaPoint95 } from './relabelling-law.ts';

/** Blocks of the double sum over pairs of places. */
const BLOCKS = 160;

/** Part of the line: ∫ √(H (1 - H)) over it, and the odds H / (1 - H) in its middle. */
type Block = { readonly weight: number; readonly odds: number };

/**
 * Mean and 95 % point of the Wasserstein distance ∫ |F - G| under no drift, over all ways of dealing the pooled rows: F - G
 * at z is nearly normal with variance c H (1 - H), c = (1/n + 1/m) N / (N - 1), so the mean is √(2 c / π) ∫ √(H (1 - H)).
 * The sizes at two places with correlation ρ = √(odds(s) / odds(t)), s <= t, have the covariance
 * 2/π (√(1 - ρ²) + ρ asin ρ - 1) of their deviations; it is summed over 160 blocks of equal weight. The 95 % point is
 * that of the gamma law with this mean and variance. Cost O(different values).
 */
export function wassersteinLaw(pooled: PooledValues): { mean: number; point95: number } {
  const { n, m } = pooled;
  const c = ((1 / n + 1 / m) * (n + m)) / Math.max(1, n + m - 1);
  const blocks = blocksOf(pooled);
  let mean = 0;
  let variance = 0;
  for (const [t, upper] of blocks.entries()) {
    mean += upper.weight;
    for (let s = 0; s <= t; s++) {
      const lower = blocks[s]!;
      const rho = Math.min(1, Math.sqrt(lower.odds / upper.odds));
      const covariance = Math.sqrt(1 - rho * rho) + rho * Math.asin(rho) - 1;
      variance += (s === t ? 1 : 2) * lower.weight * upper.weight * covariance;
    }
  }
  const law = { mean: Math.sqrt((2 * c) / Math.PI) * mean, variance: ((2 * c) / Math.PI) * variance };
  return { mean: law.mean, point95: gammaPoint95(law) };
}

function blocksOf({ values, x, y, n, m }: PooledValues): Block[] {
  const rows = n + m;
  const deviations = (visit: (weight: number, h: number) => void): void => {
    let seen = 0;
    for (let k = 0; k + 1 < values.length; k++) {
      seen += x[k]! + y[k]!;
      const h = seen / rows;
      visit(Math.sqrt(h * (1 - h)) * (values[k + 1]! - values[k]!), h);
    }
  };
  let whole = 0;
  deviations((weight) => {
    whole += weight;
  });
  const blocks: Block[] = [];
  let weight = 0;
  let middle = 0;
  const close = (): void => {
    const h = middle / weight;
    blocks.push({ weight, odds: h / (1 - h) });
    weight = 0;
    middle = 0;
  };
  deviations((part, h) => {
    weight += part;
    middle += part * h;
    if (weight >= whole / BLOCKS) close();
  });
  if (weight > 0) close();
  return blocks;
}
