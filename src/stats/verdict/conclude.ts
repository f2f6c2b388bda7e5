import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { benjaminiYekutieli, harmonic } from './benjamini-yekutieli.ts';
import type { Comparison } from './column-comparison.ts';
import { judgeColumn, type NamedRole } from './judge-column.ts';
import { isEarlier } from './judge-method.ts';
import { judgeTable, tablesThatDecide, whyWholeRows } from './judge-table.ts';
import type {
  ColumnJudgement,
  ColumnVerdict,
  DatasetVerdict,
  Judgement,
  JudgePolicy,
  TableFinding,
  VerdictReason,
} from './judgement.ts';
import { adjustWeighted, weightOf } from './weights.ts';

function plural(n: number): string {
  return n === 1 ? '1 column' : `${n} columns`;
}

function datasetVerdict(
  columns: readonly ColumnJudgement[],
  table: readonly TableFinding[],
  policy: JudgePolicy,
): DatasetVerdict {
  const counting = columns.filter(({ weight = 1 }) => weight > 0);
  const count = (verdict: ColumnVerdict): number => counting.filter((column) => column.verdict === verdict).length;
  const weigh = (verdict: ColumnVerdict): number =>
    counting.reduce((sum, column) => sum + (column.verdict === verdict ? (column.weight ?? 1) : 0), 0);
  const drifted = count('drift');
  const judged = drifted + count('no_drift');
  const insufficient = count('insufficient_data');
  const share = judged === 0 ? 0 : weigh('drift') / (weigh('drift') + weigh('no_drift'));
  const needed = neededOf(counting, policy);
  const base = { drifted, judged, insufficient, notComparable: count('not_comparable'), share, ...needed };
  if (judged === 0) {
    const none =
      columns.length > 0 && counting.length === 0 ? 'Every column has weight 0.' : 'No column could be compared.';
    const why = insufficient > 0 ? `Too few rows to judge any of ${plural(insufficient)}.` : none;
    return { verdict: 'insufficient_data', ...base, why, ...named([], policy) };
  }
  const byColumns = drifted >= Math.max(1, policy.minimumDriftedColumns) && share >= policy.minimumDriftedShare;
  const found = drifted === 0 ? 'none drifted' : `${drifted} drifted (${listed(counting, 'drift')})`;
  const short = byColumns || drifted === 0 ? '' : ', fewer than the policy asks for';
  const wholeRows = whyWholeRows(table, policy);
  const reasons: VerdictReason[] = [];
  if (byColumns) reasons.push('columns');
  if (wholeRows !== null) reasons.push('whole_rows');
  const left =
    insufficient === 0 || isEarlier(policy.method)
      ? null
      : `Too few rows with a value to judge ${listed(counting, 'insufficient_data')}.`;
  const idle =
    counting.length === columns.length
      ? null
      : `${plural(columns.length - counting.length)} of weight 0 decided nothing.`;
  const why = [`Of ${plural(judged)}, ${found}${short}.`, wholeRows, left, idle]
    .filter((part) => part !== null)
    .join(' ');
  return { verdict: reasons.length > 0 ? 'drift' : 'no_drift', ...base, why, ...named(reasons, policy) };
}

function listed(columns: readonly ColumnJudgement[], verdict: ColumnVerdict): string {
  const names = columns.filter((column) => column.verdict === verdict).map(({ name }) => name);
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ' and others' : '');
}

/** Of the columns without drift those that are too small to tell, and the values at which all of them would. */
function neededOf(columns: readonly ColumnJudgement[], { method }: JudgePolicy): Pick<DatasetVerdict, 'needed'> {
  if (isEarlier(method)) return {};
  const small = columns.flatMap(({ verdict, needed }) => (verdict !== 'drift' && needed ? [needed] : []));
  if (small.length === 0) return { needed: null };
  const [reference, window] = [small.map((one) => one.reference), small.map((one) => one.window)];
  return { needed: { columns: small.length, reference: largest(reference), window: largest(window) } };
}

const largest = (sizes: readonly number[]): number => sizes.reduce((most, size) => Math.max(most, size), 0);

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
  const adjusted = adjustWeighted(
    [...judged.map((i) => comparisons[i]!.p ?? 1), ...deciding.map(({ p }) => p ?? 1)],
    [...judged.map((i) => weightOf(policy, columns[i]!.name)), ...deciding.map(() => 1)],
    adjust,
  );
  const q = new Map(judged.map((i, k) => [i, adjusted[k]!]));
  // Where one column drifts alone, what is left to it is what the smallest p-value has.
  const hypotheses = Math.max(1, adjusted.length);
  const level = policy.alpha / hypotheses / (adjust === benjaminiYekutieli ? harmonic(hypotheses) : 1);
  const verdicts = columns.map((column, i) =>
    judgeColumn(column, comparisons[i]!, { q: q.get(i) ?? null, level }, policy),
  );
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
