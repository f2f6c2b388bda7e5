import { normalDeviate } from '../../src/stats/sampling/normal-deviate.ts';

/** Numbers as they come, and those that are hard to sort, drawn one by one. */
export const KINDS: Readonly<Record<string, (random: () => number) => number>> = {
  uniform: (random) => random(),
  normal: normalDeviate,
  exponential: (random) => -Math.log(1 - random()),
  'far from zero': (random) => 1e9 + random(),
  rounded: (random) => Math.round(1e4 * random()) / 100,
  'of two values': (random) => Number(random() < 0.3),
  constant: () => -7.25,
  'mostly zero': (random) => (random() < 0.7 ? 0 : normalDeviate(random)),
  'of heavy tails': (random) => Math.tan(Math.PI * (random() - 0.5)),
  'skewed over many powers': (random) => Math.exp(30 * normalDeviate(random)),
  'with infinities': (random) => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][Math.floor(900 * random())] ?? 1,
  'at the ends of the doubles': (random) => (random() < 0.5 ? -1 : 1) * Number.MAX_VALUE * random(),
  'hardly apart': (random) => 5e-324 * Math.floor(9 * random()),
  'crowded in one fine cell': (random) => (random() < 0.9 ? Math.floor(2048 * random()) : 7 + 1e-9 * random()),
};
