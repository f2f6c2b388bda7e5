/** What a bench hands back, and how it is shown. */
export type BenchResult = {
  readonly name: string;
  /** What is divided by what. */
  readonly what: string;
  readonly unit: '×' | 'MiB' | 'ms' | 'records/s' | 'windows' | 'files';
  readonly value: number;
  readonly aim: Aim | null;
  /** Side figures by name; the unit is part of the name. */
  readonly figures: Readonly<Record<string, number>>;
};

export type Aim = { readonly at: 'least' | 'most'; readonly value: number };

export function isMet({ aim, value }: BenchResult): boolean | null {
  if (aim === null) return null;
  return aim.at === 'least' ? value >= aim.value : value <= aim.value;
}

/** One row a result, then its side figures. */
export function table(results: readonly BenchResult[]): string {
  const rows = results.map((result) => [result.name, shown(result.value, result.unit), aimOf(result), result.what]);
  const all = [['bench', 'value', 'aim', 'what'], ...rows];
  const widths = [0, 1, 2].map((i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const lines = all.map((row) =>
    row
      .map((cell, i) => padded(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const details = results.map(({ name, figures }) => {
    const parts = Object.entries(figures).map(([key, value]) => `${key} ${precise(value)}`);
    return `${name}: ${parts.join(', ')}`;
  });
  return [...lines, '', ...details].join('\n');
}

function aimOf(result: BenchResult): string {
  const { aim } = result;
  if (aim === null) return '-';
  return `${aim.at === 'least' ? '≥' : '≤'} ${aim.value} ${isMet(result) ? 'met' : 'MISSED'}`;
}

const padded = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - cell.length));

const shown = (value: number, unit: string): string =>
  unit === '×' ? `${precise(value)}×` : `${precise(value)} ${unit}`;

function precise(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
