import type { ChecksConfig, ChecksRequest } from '../../../schemas/wire/checks.ts';
import type { Applying } from './performance-config.ts';
import { BROKEN_SHARE } from './sound-data.ts';

const RATIO = 1.5;
const SHORTEST_LAG = 3600;

/** What is looked at, each with the smallest change that matters; null: it is not. */
export type Checks = {
  readonly schema: number | null;
  readonly volume: number | null;
  readonly freshnessSeconds: number | null;
};

/** The checks of a configuration with the standard for what was not chosen. */
export function checksOf(config: { readonly checks?: ChecksConfig | undefined; lateness_seconds: number }): Checks {
  const { schema = BROKEN_SHARE, volume = RATIO, freshness_seconds } = config.checks ?? {};
  const standard = Math.max(SHORTEST_LAG, config.lateness_seconds);
  return { schema, volume, freshnessSeconds: freshness_seconds === undefined ? standard : freshness_seconds };
}

/** The checks that a request asks for, on top of those before; null stands for the standard again. */
export function applyChecks(
  base: ChecksConfig | undefined,
  given: ChecksRequest | undefined,
  { seconds }: Pick<Applying, 'seconds'>,
): ChecksConfig | undefined {
  if (given === undefined) return base;
  if (given === null) return undefined;
  const { freshness, ...rest } = given;
  const named = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (freshness === undefined) return { ...base, ...named };
  const bounds = { pointer: '/checks/freshness', least: 1 };
  return { ...base, ...named, freshness_seconds: freshness === null ? null : seconds(freshness, SHORTEST_LAG, bounds) };
}
