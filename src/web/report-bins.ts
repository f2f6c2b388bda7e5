import type { PairedBin } from './charts/paired-bars.tsx';
import { formatNumber } from './format.ts';
import type { ReportColumn } from './report-body.ts';

const SPECIAL = new Set(['missing', 'below', 'above', 'unseen']);

/** Shares on both sides. Special bins without a row on either side say nothing and are left out. */
export function pairedBins(column: Pick<ReportColumn, 'bins'>): PairedBin[] {
  const total = (side: 'reference' | 'window'): number =>
    Math.max(
      1,
      column.bins.reduce((sum, bin) => sum + bin[side], 0),
    );
  const [reference, window] = [total('reference'), total('window')];
  return column.bins
    .filter((bin) => bin.reference + bin.window > 0 || !SPECIAL.has(bin.kind))
    .map((bin) => ({
      label: bin.label === '' ? '(empty)' : bin.label,
      short: shortLabel(bin),
      reference: bin.reference / reference,
      window: bin.window / window,
      special: SPECIAL.has(bin.kind),
    }));
}

type Bin = ReportColumn['bins'][number];

/** Edges as stored have every digit; below a bar there is room for four. */
function shortLabel({ kind, label, lower, upper }: Bin): string {
  if (kind === 'below' && upper !== null) return `< ${formatNumber(upper)}`;
  if (kind === 'above' && lower !== null) return `> ${formatNumber(lower)}`;
  if (kind !== 'range' || lower === null || upper === null) return label === '' ? '(empty)' : label;
  return lower === upper ? formatNumber(upper) : `${formatNumber(lower)} – ${formatNumber(upper)}`;
}
