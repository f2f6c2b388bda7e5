import type { PerformanceAlarm, PerformanceJudgement } from '../../../schemas/wire/performance.ts';
import { rounded } from '../../stats/verdict/rounded.ts';
import { timesRarer } from '../report/looks.ts';

/**
 * The performance of a window is judged again whenever labels come, and each judgement is another look at it: whoever looks
 * often enough finds it worse by chance. A judgement says what it finds, whenever it is made; the alert counts the looks, as
 * `report/looks.ts` has it for drift: the first look at which a window is judged has the whole level, later ones a quarter of
 * it together, spent on the doublings of the labels. Pure.
 *
 * Accuracy of a healthy window at a level of 5 %, judged first at 100 labels and then at each tenth of ten times as many
 * (2,000 windows, seed 5): 3.3 % are worse at the first look, 14 % at one of ten; 3.3 % alarm. Where what comes after the
 * first 100 labels is right in 0.7 instead of 0.8, half of the windows alarm by look 4, without a budget by look 3.
 */

/** A judgement of a window, and how many labels it had. */
type PerformanceLook = {
  readonly judgement: PerformanceJudgement;
  readonly labelled: number;
  /** Of the configuration: looks by another one are others. */
  readonly revision: number;
};

/** What JSON can say of something that no level would have hidden. */
const PLAIN = 1e300;

/**
 * What a judgement is to the alert, after those before it; null until the window is judged. Labels of the same number with
 * the same outcome are no other look. A worsening that has alarmed was counted: it may be withdrawn and come back.
 * @param before what the last judgement was to the alert; null where there was none.
 */
export function weighPerformance(look: PerformanceLook, before: PerformanceAlarm | null): PerformanceAlarm | null {
  const { judgement, labelled, revision } = look;
  const known = before?.revision === revision ? before : null;
  const decided = judgement.verdict === 'worse' || judgement.verdict === 'no_worse';
  if (!decided) return known && { ...known, alarms: false, chance: null, needed_chance: null, why: null };
  const worst = judgement.verdict === 'worse' ? rarityOf(judgement) : null;
  const first = known?.first_labelled ?? labelled;
  const again = known !== null && known.labelled === labelled && known.rarity === worst;
  const counted = (known?.look ?? 0) + (again ? 0 : 1);
  const free = worst === null || counted === 1 || known?.alarmed === true;
  const needed = free ? null : timesRarer(labelled / Math.max(1, first));
  const alarms = worst !== null && (needed === null || worst >= needed);
  return {
    ...{ look: counted, revision, labelled, rarity: worst, first_labelled: first },
    alarms,
    alarmed: alarms || known?.alarmed === true,
    ...told(worst, needed, { look: counted, alarms, alpha: judgement.alpha }),
  };
}

/** How many times rarer by chance what was found could have been asked to be: the level of a metric over its p. */
function rarityOf({ comparisons, alpha }: PerformanceJudgement): number {
  const level = alpha / Math.max(1, comparisons.filter(({ p }) => p !== null).length);
  const each = comparisons.flatMap(({ verdict, p }) => (verdict === 'worse' && p !== null ? [p] : []));
  return Math.max(0, ...each.map((p) => (p > 0 ? Math.min(PLAIN, level / p) : PLAIN)));
}

function told(
  rarity: number | null,
  needed: number | null,
  { look, alarms, alpha }: { readonly look: number; readonly alarms: boolean; readonly alpha: number },
): Pick<PerformanceAlarm, 'chance' | 'needed_chance' | 'why'> {
  if (rarity === null || needed === null) return { chance: null, needed_chance: null, why: null };
  const [chance, least] = [alpha / rarity, alpha / needed];
  const found = `Found at look ${look} at its labels and not before: chance gives as much in ${rounded(chance)} of windows`;
  const why = alarms
    ? `${found}, rarer than the ${rounded(least)} that look ${look} takes.`
    : `${found}, and look ${look} takes ${rounded(least)} or less, so it raises no alert.`;
  return { chance, needed_chance: least, why };
}
