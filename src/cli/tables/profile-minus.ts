import { styleText } from 'node:util';
import { type SubtractedTable, subtractTables } from '../../domain/files/subtract-tables.ts';
import { TidemarkError } from '../../errors.ts';
import { formatCount, formatNumber, formatShare } from '../../web/format.ts';
import { table } from '../terminal/terminal.ts';
import { csvOptions, type ProfileOptions, partitionsOption, READER_BYTES, READER_THREADS } from './profile.ts';
import { type TableSource, withTable } from './table-source.ts';

/**
 * Shows what a table holds besides the rows of a part of it.
 * @throws TidemarkError `bad-path`, `bad-request`, `unreadable-data`, `too-large`.
 */
export async function profileMinus(
  source: TableSource,
  paths: readonly string[],
  { minus, ...options }: ProfileOptions & { readonly minus: string },
): Promise<void> {
  const { terminal } = source;
  const idle = Object.entries({
    '--output': options.output !== null,
    '--html': options.html !== null,
    '--relations': options.relations,
  }).find(([, given]) => given);
  if (idle !== undefined) {
    const detail = `${idle[0]} and --minus do not go together: what is left is no whole profile.`;
    throw new TidemarkError('bad-request', detail);
  }
  const { columns, types } = options;
  const read = {
    memoryBytes: READER_BYTES,
    threads: READER_THREADS,
    types,
    csv: csvOptions(options),
    ...partitionsOption(options),
    onFile: (name: string) => terminal.progress(`reading  ${name}`),
  };
  const found = await withTable(source, paths, (whole) =>
    withTable(source, [minus], (part) => subtractTables({ whole, part }, read)),
  );
  const unknown = columns?.find((name) => found.columns.every((column) => column.name !== name));
  if (unknown !== undefined) throw new TidemarkError('bad-request', `${found.name} has no column "${unknown}".`);
  const shown = { ...found, columns: found.columns.filter(({ name }) => columns?.includes(name) !== false) };
  terminal.result(shown, () => showDifference(shown));
}

function showDifference({ name, minus, rows, columns }: SubtractedTable): string {
  const about = `${name} without ${minus}  ${formatCount(rows)} rows  ${columns.length} columns`;
  const header = ['COLUMN', 'TYPE', 'MISSING', 'MEAN', 'STD', 'MEDIAN', 'MOST FREQUENT', 'NOT TO BE HAD'];
  return [styleText('bold', about, { stream: process.stdout }), '', table([header, ...columns.map(lineOf)])].join('\n');
}

function lineOf({
  name,
  type,
  rows,
  counts,
  mean,
  std,
  quantiles,
  values,
  refused,
}: SubtractedTable['columns'][number]) {
  const missing = (counts['nulls'] ?? 0) + (counts['nan'] ?? 0);
  const median = quantiles?.values.find(({ p }) => p === 0.5)?.value;
  const top = values?.slice(0, 3).map(({ value, count }) => `${value} ${formatShare(count / Math.max(1, rows))}`) ?? [];
  return [
    name,
    type,
    missing === 0 ? '0' : formatShare(missing / Math.max(1, rows)),
    formatNumber(mean?.value),
    formatNumber(std?.value),
    formatNumber(median),
    top.join(', '),
    refused.map(({ what, why }) => `${what}: ${why}`).join('; '),
  ];
}
