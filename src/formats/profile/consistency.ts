import type { CategoryProfile, ColumnProfile, NumberProfile, TimeProfile, VectorProfile } from '../../stats/profile.ts';

/** HyperLogLog registers of 14 bits, one digit each. */
const REGISTERS = 2 ** 14;

type Check = readonly [holds: boolean, what: string];

/**
 * What of a column's profile cannot be so, whatever the data are, else null: what is computed from it would be no number,
 * or one of nothing. Numbers that could be so are believed.
 */
export function disagreement(column: ColumnProfile): string | null {
  const checks = [...commonChecks(column), ...checksOf(column)];
  return checks.find(([holds]) => !holds)?.[1] ?? null;
}

function checksOf(column: ColumnProfile): Check[] {
  if (column.kind === 'number') return numberChecks(column);
  if (column.kind === 'category') return categoryChecks(column);
  return column.kind === 'time' ? timeChecks(column) : vectorChecks(column);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function commonChecks({ rows, nulls, absent, distinct, top }: ColumnProfile): Check[] {
  return [
    [nulls <= rows, 'more rows are missing than there are'],
    [absent <= nulls, 'more rows are absent than are missing'],
    [distinct.value >= 0 && distinct.error >= 0, 'a count of different values is negative'],
    [distinct.registers === null || distinct.registers.length === REGISTERS, 'its registers are not 16,384'],
    [sum(top.values.map(({ count }) => count)) + top.rest <= rows - nulls, 'it lists more rows than have a value'],
    [top.error >= 0 && top.unlisted >= 0, 'an error is negative'],
  ];
}

function collectedChecks({ min, max, grid, bins, quantiles }: NumberProfile | TimeProfile, values: number): Check[] {
  const ascending = (edges: readonly number[]): boolean => edges.every((edge, i) => i === 0 || edge > edges[i - 1]!);
  return [
    [(min === null) === (values === 0) && (max === null) === (values === 0), 'its range is not that of its values'],
    [(grid === null) === (values === 0), 'its grid is not that of its values'],
    [(bins === null) === (values === 0), 'its bins are not those of its values'],
    [grid === null || grid.n === values, 'its grid is of another number of values'],
    [grid === null || ascending(grid.edges), 'the edges of its grid do not ascend'],
    [grid === null || grid.at.length === grid.edges.length, 'its grid has not one count for each edge'],
    [grid === null || grid.between.length === grid.edges.length - 1, 'its grid has not one count between edges'],
    [grid === null || [...grid.at, ...grid.between].every(isCount), 'its grid has counts that are none'],
    [
      grid === null || sum(grid.at) + sum(grid.between) + grid.under + grid.over === grid.n,
      'the counts of its grid are not as many as its values',
    ],
    [bins === null || bins.counts.length === bins.edges.length - 1, 'it has not one count for each bin'],
    [bins === null || bins.counts.every(isCount), 'its bins have counts that are none'],
    [bins === null || bins.edges.every((edge, i) => i === 0 || edge >= bins.edges[i - 1]!), 'its bins do not ascend'],
    [
      [grid?.rankError, quantiles?.rankError].every((e) => e === undefined || (e >= 0 && e <= 1)),
      'an error is no share',
    ],
  ];
}

function numberChecks(column: NumberProfile): Check[] {
  const { rows, nulls, nan, positiveInfinity, negativeInfinity, finite, zeros, negatives, moments } = column;
  return [
    [nan + positiveInfinity + negativeInfinity + finite === rows - nulls, 'its numbers are not as many as its values'],
    [zeros + negatives <= finite + negativeInfinity, 'more numbers are zero or negative than there are'],
    [(moments?.n ?? 0) === finite, 'its moments are not those of its finite numbers'],
    [[moments?.m2, moments?.m4].every((m) => m == null || m >= 0), 'a sum of squares is negative'],
    ...collectedChecks(column, finite),
  ];
}

function timeChecks(column: TimeProfile): Check[] {
  const { cycles } = column;
  return [
    [cycles == null || (cycles.weekdays.length === 7 && cycles.weekdays.every(isCount)), 'its week has not seven days'],
    [
      cycles?.hours == null || (cycles.hours.length === 24 && cycles.hours.every(isCount)),
      'its day has not twenty-four hours',
    ],
    ...collectedChecks(column, column.rows - column.nulls),
  ];
}

function categoryChecks({ rows, nulls, empty, lengths, shapes }: CategoryProfile): Check[] {
  return [
    [empty <= rows - nulls, 'more texts are empty than there are'],
    [
      lengths === null || (lengths.min >= 0 && lengths.min <= lengths.mean && lengths.mean <= lengths.max),
      'its lengths',
    ],
    [shapes == null || shapes.rows <= rows - nulls, 'more texts were looked at than there are'],
    [
      shapes == null || sum(shapes.patterns.map(({ count }) => count)) + shapes.rest <= shapes.rows,
      'its patterns are of more texts than were looked at',
    ],
  ];
}

function vectorChecks(column: VectorProfile): Check[] {
  const { rows, nulls, type, dimension, nan, infinite, finite, zeros, norm, components } = column;
  const lists = components === null ? [] : [components.mean, components.variance, components.min, components.max];
  return [
    [type === `vector[${dimension}]`, 'its type is of another length'],
    [nan + infinite + finite >= rows - nulls && finite <= rows - nulls, 'its vectors are not as many as its values'],
    [zeros <= finite, 'more vectors are zero than there are'],
    [(components?.n ?? 0) === finite, 'its components are not those of its finite vectors'],
    [lists.every((list) => list === null || list.length === dimension), 'it has not one number for each component'],
    [norm.rows === finite && disagreement(norm) === null, 'its norms do not fit together'],
  ];
}
