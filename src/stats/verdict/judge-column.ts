import { calibrated } from './calibration.ts';
import type { Comparison } from './column-comparison.ts';
import { textChange } from './compare-free-text.ts';
import { isEarlier } from './judge-method.ts';
import type { ColumnJudgement, ColumnVerdict, Finding, JudgeColumn, JudgePolicy, NeededValues } from './judgement.ts';
import { MEASURES } from './measures.ts';
import { neededText, neededValues } from './needed-values.ts';
import { rounded, tailText } from './rounded.ts';
import { decides } from './select-measures.ts';
import { describeUnseen } from './unseen-finding.ts';
import { weightOf } from './weights.ts';

type Effect = NonNullable<ColumnJudgement['effect']> & { readonly matters: boolean };

/** An effect matters at or above its limit, when no drift would rarely show as much at these sizes. */
function effectOf({ measure, value, limit, null95 }: Finding, policy: JudgePolicy): Effect | null {
  if (!decides(measure, policy) || value === null || limit === null) return null;
  const size = Math.abs(value);
  return { measure, value, limit, matters: size >= limit && size > (null95 ?? 0) };
}

/** The effect that speaks loudest: one that matters before one that does not, then the largest for its limit. */
function strongestEffect(findings: readonly Finding[], policy: JudgePolicy): Effect | null {
  const loudness = (effect: Effect): number => Math.abs(effect.value) / Math.max(effect.limit, 1e-12);
  let strongest: Effect | null = null;
  for (const finding of findings) {
    const effect = effectOf(finding, policy);
    if (effect === null) continue;
    const better =
      strongest === null ||
      (effect.matters && !strongest.matters) ||
      (effect.matters === strongest.matters && loudness(effect) > loudness(strongest));
    if (better) strongest = effect;
  }
  return strongest;
}

/** A change has a direction and its limit is on its size: -0.5 is not above 0.05. */
function beyond({ value, limit }: Effect): string {
  return value < 0 ? `a fall by more than its limit ${rounded(limit)}` : `above its limit ${rounded(limit)}`;
}

function verdictOf(effect: Effect | null, q: number, policy: JudgePolicy): { verdict: ColumnVerdict; why: string } {
  const unlikely = q < policy.alpha;
  const chance = `${tailText('q', q)} is ${unlikely ? 'below' : 'not below'} ${policy.alpha}`;
  if (effect === null) return { verdict: 'no_drift', why: `No effect could be measured; ${chance}.` };
  const title = MEASURES[effect.measure].title;
  const size = `${title} ${rounded(effect.value)}`;
  if (effect.matters) {
    const why = `${size} is ${beyond(effect)}, ${unlikely ? 'and' : 'but'} ${chance}.`;
    return { verdict: unlikely ? 'drift' : 'no_drift', why };
  }
  if (Math.abs(effect.value) >= effect.limit) {
    return { verdict: 'no_drift', why: `${size} is no more than chance gives at these sizes; ${chance}.` };
  }
  const link = unlikely ? 'although' : 'and';
  return {
    verdict: 'no_drift',
    why: `${size} is ${effect.value < 0 ? 'within' : 'below'} its limit ${rounded(effect.limit)}, ${link} ${chance}.`,
  };
}

export type NamedRole = Pick<JudgeColumn, 'name' | 'role'>;

/** `q`: null for a column that is not among the judged. `level`: what of alpha is left to one of them. */
type Chance = { readonly q: number | null; readonly level: number };

/** A column's verdict, from what its comparison found and the q-value that all columns together give it. */
export function judgeColumn(
  column: NamedRole,
  comparison: Comparison,
  { q, level }: Chance,
  policy: JudgePolicy,
): ColumnJudgement {
  const { kind, p, decidedBy, counts, bins, incomparable, insufficient, fewValues } = comparison;
  const { calibration } = policy;
  const limited =
    calibration === undefined
      ? comparison.findings
      : comparison.findings.map((finding) => calibrated(column.name, finding, calibration, policy.limits));
  const findings = limited.map((finding) => (finding.measure === decidedBy ? { ...finding, q } : finding));
  const deciding = fewValues === null ? findings : findings.filter(({ measure }) => measure === MISSING);
  const strongest = strongestEffect(deciding, policy);
  const effect = strongest && { measure: strongest.measure, value: strongest.value, limit: strongest.limit };
  const needed = neededOf(comparison, findings, { level, policy });
  const base = { name: column.name, role: column.role, kind, effect, p, q, counts, bins, findings };
  const judgement = (verdict: ColumnVerdict, why: string): ColumnJudgement => ({
    ...base,
    ...(policy.weights !== undefined && { weight: weightOf(policy, column.name) }),
    ...(needed !== undefined && { needed }),
    verdict,
    why,
  });
  const tooLittle = (why: string): ColumnJudgement => {
    const { reference: n, window: m } = comparison.usable;
    return judgement('insufficient_data', needed == null ? why : `${why} ${neededText(needed, { n, m })}`);
  };
  if (incomparable !== null) return judgement('not_comparable', incomparable);
  if (insufficient !== null) return tooLittle(insufficient);
  if (q === null) return judgement('not_comparable', 'A segment is described, not judged.');
  const { verdict, why } = verdictOf(strongest, q, policy);
  if (fewValues !== null && verdict !== 'drift') return tooLittle(fewValues);
  const told = findings.find(({ measure }) => measure === effect?.measure);
  const change = verdict === 'drift' && told !== undefined ? textChange(told) : null;
  const unseen = verdict === 'drift' ? unseenText(deciding, policy) : null;
  const idle = verdict === 'drift' && weightOf(policy, column.name) === 0;
  const said = [why, change, unseen, idle ? 'Its weight is 0, so it decides nothing.' : null];
  return judgement(verdict, said.filter((part) => part !== null).join(' '));
}

/** Which values are new, where that matters, whichever effect is the strongest. */
function unseenText(findings: readonly Finding[], policy: JudgePolicy): string | null {
  const told = findings.filter((finding) => effectOf(finding, policy)?.matters === true).map(describeUnseen);
  return told.find((text) => text !== null)?.concat('.') ?? null;
}

const MISSING = 'missing_share/difference@1';

/** Undefined in judgements from before it was said. */
function neededOf(
  { kind, usable, counts, cells }: Comparison,
  findings: readonly Finding[],
  { level, policy }: { readonly level: number; readonly policy: JudgePolicy },
): NeededValues | null | undefined {
  if (isEarlier(policy.method)) return undefined;
  if (kind !== 'number' && kind !== 'category') return null;
  // Of free text each descriptor has a law of its own.
  if (kind === 'category' && cells === 0) return null;
  const { reference: n, window: m } = usable;
  const anyMissing = n < counts.reference.rows || m < counts.window.rows;
  return neededValues(kind, findings, { n, m, cells, anyMissing, level }, policy);
}
