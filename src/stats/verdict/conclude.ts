import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { benjaminiYekutieli } from './benjamini-yekutieli.ts';
import { calibrated } from './calibration.ts';
import type { Comparison } from './compare-column.ts';
import { judgeTable, tablesThatDecide, whyWholeRows } from './judge-table.ts';
import type {
  ColumnJudgement,
  ColumnVerdict,
  DatasetVerdict,
  Finding,
  JudgeColumn,
  Judgement,
  JudgePolicy,
  TableFinding,
  VerdictReason,
} from './judgement.ts';
import { MEASURES, type MeasureName } from './measures.ts';
import { rounded, tailText } from './rounded.ts';

type Effect = NonNullable<ColumnJudgement['effect']> & { readonly matters: boolean };

type NamedRole = Pick<JudgeColumn, 'name' | 'role'>;

function decides(measure: MeasureName, policy: JudgePolicy): boolean {
  const { use } = MEASURES[measure];
  return use === 'effect' || (use === 'index' && (policy.measures?.includes(measure) ?? false));
}

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

function judgeColumn(column: NamedRole, comparison: Comparison, q: number | null, policy: JudgePolicy) {
  const { kind, p, decidedBy, counts, bins, incomparable, insufficient } = comparison;
  const { calibration } = policy;
  const limited =
    calibration === undefined
      ? comparison.findings
      : comparison.findings.map((finding) => calibrated(column.name, finding, calibration));
  const findings = limited.map((finding) => (finding.measure === decidedBy ? { ...finding, q } : finding));
  const strongest = strongestEffect(findings, policy);
  const effect = strongest && { measure: strongest.measure, value: strongest.value, limit: strongest.limit };
  const base = { name: column.name, role: column.role, kind, effect, p, q, counts, bins, findings };
  const judgement = (verdict: ColumnVerdict, why: string): ColumnJudgement => ({ ...base, verdict, why });
  if (incomparable !== null) return judgement('not_comparable', incomparable);
  if (insufficient !== null) return judgement('insufficient_data', insufficient);
  if (q === null) return judgement('not_comparable', 'A segment is described, not judged.');
  const { verdict, why } = verdictOf(strongest, q, policy);
  return judgement(verdict, why);
}

function plural(n: number): string {
  return n === 1 ? '1 column' : `${n} columns`;
}

function datasetVerdict(
  columns: readonly ColumnJudgement[],
  table: readonly TableFinding[],
  policy: JudgePolicy,
): DatasetVerdict {
  const count = (verdict: ColumnVerdict): number => columns.filter((column) => column.verdict === verdict).length;
  const drifted = count('drift');
  const judged = drifted + count('no_drift');
  const insufficient = count('insufficient_data');
  const share = judged === 0 ? 0 : drifted / judged;
  const base = { drifted, judged, insufficient, notComparable: count('not_comparable'), share };
  if (judged === 0) {
    const why =
      insufficient > 0 ? `Too few rows to judge any of ${plural(insufficient)}.` : 'No column could be compared.';
    return { verdict: 'insufficient_data', ...base, why, ...named([], policy) };
  }
  const byColumns = drifted >= Math.max(1, policy.minimumDriftedColumns) && share >= policy.minimumDriftedShare;
  const names = columns.filter((column) => column.verdict === 'drift').map((column) => column.name);
  const listed = names.slice(0, 5).join(', ') + (names.length > 5 ? ' and others' : '');
  const found = drifted === 0 ? 'none drifted' : `${drifted} drifted (${listed})`;
  const needed = byColumns || drifted === 0 ? '' : ', fewer than the policy asks for';
  const wholeRows = whyWholeRows(table, policy);
  const reasons: VerdictReason[] = [];
  if (byColumns) reasons.push('columns');
  if (wholeRows !== null) reasons.push('whole_rows');
  const why = [`Of ${plural(judged)}, ${found}${needed}.`, wholeRows].filter((part) => part !== null).join(' ');
  return { verdict: reasons.length > 0 ? 'drift' : 'no_drift', ...base, why, ...named(reasons, policy) };
}

/** Reports from before there were reasons have none, and are replayed without. */
function named(reasons: readonly VerdictReason[], { method }: JudgePolicy): Pick<DatasetVerdict, 'reasons'> {
  return method === 'judge@1' ? {} : { reasons };
}

function judgeable(column: NamedRole, comparison: Comparison): boolean {
  return column.role !== 'segment' && comparison.incomparable === null && comparison.insufficient === null;
}

export type Found = {
  /** `comparisons[i]` belongs to `columns[i]`. */
  readonly comparisons: readonly Comparison[];
  /** Findings on whole rows, where any were asked for. */
  readonly table?: readonly TableFinding[] | undefined;
};

/**
 * The judgement from comparisons that were made one by one, so that the columns themselves need not all be held
 * at once. `judge` is this on what `compareColumn` finds.
 */
export function conclude(columns: readonly NamedRole[], { comparisons, table }: Found, policy: JudgePolicy): Judgement {
  const judged = columns.map((_, i) => i).filter((i) => judgeable(columns[i]!, comparisons[i]!));
  const deciding = tablesThatDecide(table ?? [], policy);
  const adjust = policy.adjustment === 'benjamini-yekutieli' ? benjaminiYekutieli : benjaminiHochberg;
  // A measure of whole rows is one more hypothesis among those of the columns: alpha holds for all of them together.
  const adjusted = adjust([...judged.map((i) => comparisons[i]!.p ?? 1), ...deciding.map(({ p }) => p ?? 1)]);
  const q = new Map(judged.map((i, k) => [i, adjusted[k]!]));
  const verdicts = columns.map((column, i) => judgeColumn(column, comparisons[i]!, q.get(i) ?? null, policy));
  const tableQ = new Map(deciding.map(({ measure }, k) => [measure, adjusted[judged.length + k]!]));
  const wholeRows = table === undefined ? undefined : judgeTable(table, tableQ, policy);
  return {
    method: policy.method,
    policy,
    columns: verdicts,
    dataset: datasetVerdict(verdicts, wholeRows ?? [], policy),
    ...(wholeRows !== undefined && { table: wholeRows }),
  };
}
