import type { ReportSummaryRow } from '../../store/monitor/reports.ts';

/**
 * A window is judged again when rows come late, and each verdict is another look at it: whoever looks often enough finds
 * drift by chance. A report says what it finds, whenever it is made; the alert counts the looks. What chance may do at
 * looks after the first is a quarter of what it may do at that, and is spent on the doublings of its rows: looks that
 * share most of their rows find the same, and so share one limit. The d-th doubling has `1 / d(d + 1)` of the quarter.
 * Pure.
 *
 * Windows of 100 rows with seasons of 0.15 deviations and limits for 5 % false alarms, looked at ten times (1,600 of them,
 * seeds 1 to 8): 3.9 % drift at the first look; 7 % at one of ten while rows come by 5 %, 36 % while they grow tenfold;
 * 3.9 % alarm. Drift of half a deviation that begins after the first look at rows that come in equal parts alarms at
 * look 3.1, without a budget at 2.1; of a whole deviation at the second look in both.
 */
const LATER_SHARE = 0.25;

/** How many times rarer by chance than at the first look drift has to be, to alarm once rows are so many times as many. */
export function timesRarer(growth: number): number {
  const doubling = 1 + Math.floor(Math.log2(Math.max(1, growth)));
  return (doubling * (doubling + 1)) / LATER_SHARE;
}

/** One verdict on a window. */
export type Look = Pick<ReportSummaryRow, 'id' | 'verdict' | 'rows'>;

/** What a verdict is to the alert. */
export type Weighed = {
  /** How many times the window was looked at with this verdict. */
  readonly look: number;
  /** Of drift that was not found at a look before: how rare it has to be; null where it need not be rarer. */
  readonly needed: number | null;
  /** How rare it could have been asked to be; null where that was not asked. */
  readonly rarity: number | null;
  readonly alarms: boolean;
};

/**
 * The last of the looks at a window, which are in order and of one configuration. `rarityOf`: how many times rarer the drift
 * of a report could have been asked to be; asked only where it decides. Rows that are the same are no other look.
 * Drift that has alarmed was counted: it may be withdrawn and come back.
 */
export async function weighLooks(
  looks: readonly Look[],
  rarityOf: (reportId: string) => Promise<number>,
): Promise<Weighed> {
  const decided = looks.filter(({ verdict }) => verdict === 'drift' || verdict === 'no_drift');
  const first = decided[0]?.rows ?? 0;
  let [counted, rows, alarmed] = [0, -1, false];
  let last: Weighed = { look: 0, needed: null, rarity: null, alarms: false };
  for (const look of decided) {
    if (look.rows !== rows) counted++;
    ({ rows } = look);
    const drifts = look.verdict === 'drift';
    const needed = !drifts || alarmed || counted === 1 ? null : timesRarer(rows / Math.max(1, first));
    const rarity = needed === null ? null : await rarityOf(look.id);
    const alarms = drifts && (needed === null || (rarity ?? 0) >= needed);
    alarmed ||= alarms;
    last = { look: counted, needed, rarity, alarms };
  }
  return last;
}
