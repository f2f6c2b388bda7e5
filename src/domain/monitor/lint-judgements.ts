import type { Lint } from '../../../schemas/wire/lints.ts';
import type { Judgement } from '../../stats/verdict/judgement.ts';
import { MEASURES } from '../../stats/verdict/measures.ts';
import { rounded } from '../../stats/verdict/rounded.ts';

/**
 * What only the judgements themselves show: limits that lie below what chance gives at the sizes there are, so that
 * sampling noise decides and not the limit. Pure.
 */
export function lintJudgements(judgements: readonly Judgement[]): Lint[] {
  const seen = new Map<string, { below: number; all: number; noise: number; limit: number }>();
  for (const { measure, limit, null95 } of judgements.flatMap(({ columns }) => columns.flatMap((c) => c.findings))) {
    if (MEASURES[measure].use !== 'effect' || limit === null || null95 === null) continue;
    const known = seen.get(measure) ?? { below: 0, all: 0, noise: 0, limit };
    const below = limit < null95;
    seen.set(measure, {
      below: known.below + (below ? 1 : 0),
      all: known.all + 1,
      noise: Math.max(known.noise, null95),
      limit,
    });
  }
  return [...seen].flatMap(([measure, { below, all, noise, limit }]): Lint[] => {
    if (below < all / 2) return [];
    const what = `At these sizes chance alone gives ${measure} up to ${rounded(noise)}, in ${below} of ${all} comparisons more than its limit ${rounded(limit)}: chance decides, not the limit.`;
    return [
      { code: 'limit-below-noise', column: null, what, how_to_mend: 'Choose longer windows, or a higher limit.' },
    ];
  });
}
