import { type ColumnType, isVectorType } from '../../stats/column.ts';
import {
  type CategoryProfile,
  type ColumnProfile,
  type Distinct,
  isReadableFormat,
  type Moments,
  type NumberProfile,
  type TableProfile,
  type TimeProfile,
  type TopValues,
  type ValueCount,
  type VectorProfile,
} from '../../stats/profile.ts';
import { shown, unreadable } from '../unreadable.ts';
import {
  bool,
  type Codec,
  count,
  double,
  exactly,
  list,
  nullable,
  numbers,
  oneOf,
  optional,
  struct,
  text,
} from './codec.ts';

/**
 * The members of a profile in the order in which the file holds them. A member more, or another order, is another version of
 * the file; one that needs no member of a later version is written as the first.
 */
export type ProfileVersion = 1 | 2;

/** The version of the file that holds all of a profile. */
export const versionOf = ({ columns }: TableProfile): ProfileVersion =>
  columns.some((column) => momentsOf(column)?.low !== undefined) ? 2 : 1;

function momentsOf(column: ColumnProfile): Moments | null {
  if (column.kind === 'vector') return column.norm.moments;
  return column.kind === 'number' ? column.moments : null;
}

/** A text of base64 digits as the bytes that they stand for. */
const registers: Codec<string> = {
  write: (out, value) => {
    const block = Buffer.from(value, 'base64');
    out.count(block.length);
    out.block(block);
  },
  read: (from) => from.block(from.length()).toString('base64'),
};

const [NUMBER, TEXT] = [0, 1];

const listed: Codec<ValueCount> = {
  write: (out, { value, count: rows }) => {
    out.byte(typeof value === 'number' ? NUMBER : TEXT);
    if (typeof value === 'number') out.double(value);
    else text.write(out, value);
    out.count(rows);
  },
  read: (from) => ({
    value: from.byte() === NUMBER ? double.read(from) : text.read(from),
    count: from.count(),
  }),
};

const distinct = struct<Distinct>({
  method: oneOf(['exact@1', 'hyperloglog/p14@1']),
  value: double,
  error: double,
  registers: nullable(registers),
});

const top = struct<TopValues>({
  method: oneOf(['exact@1', 'misra-gries/4096@1', 'point-gap-grid@1', 'none@1']),
  values: list(listed),
  rest: count,
  complete: bool,
  error: double,
  unlisted: double,
  reason: nullable(text),
});

/** A text of which `is` decides whether it is such a value. */
function textThat<T extends string>(is: (value: string) => value is T, what: string): Codec<T> {
  return {
    write: text.write,
    read: (from) => {
      const value = text.read(from);
      if (is(value)) return value;
      throw from.broken(`there is no ${what}`);
    },
  };
}

const vectorType = textThat(isVectorType, 'type of vectors');
const columnType = textThat(isColumnType, 'type of columns');
const digits = textThat((value): value is string => /^-?\d{1,40}$/.test(value), 'whole number');

function isColumnType(type: string): type is ColumnType {
  return isVectorType(type) || ['int64', 'float64', 'text', 'boolean', 'timestamp', 'date'].includes(type);
}

const common = { name: text, types: list(columnType), rows: count, nulls: count, absent: count, distinct, top };

const sums = {
  m2: nullable(double),
  m3: nullable(double),
  m4: nullable(double),
  variance: nullable(double),
  std: nullable(double),
  populationStd: nullable(double),
  skewness: nullable(double),
  kurtosis: nullable(double),
};

/** Said, not written. */
const firstMethod: Codec<Moments['method']> = { write: () => {}, read: () => 'central-moments@1' };

/** By version of the file: the second also holds what a mean has beyond a double. */
const MOMENTS: Readonly<Record<ProfileVersion, Codec<Moments>>> = {
  1: struct<Omit<Moments, 'low'>>({ method: firstMethod, n: count, mean: nullable(double), ...sums }),
  2: struct<Moments>({
    method: oneOf(['central-moments@1', 'central-moments@2']),
    n: count,
    mean: nullable(double),
    low: optional(double),
    ...sums,
  }),
};

/** What numbers and times have in common. */
const collected = {
  min: nullable(double),
  max: nullable(double),
  quantiles: nullable(
    struct({
      method: exactly('quantiles/linear@1'),
      rankError: double,
      values: list(struct({ p: double, value: double })),
    }),
  ),
  grid: nullable(
    struct({
      method: exactly('point-gap-grid/1024@1'),
      rankError: double,
      n: count,
      edges: numbers,
      at: numbers,
      between: numbers,
      under: count,
      over: count,
    }),
  ),
  bins: nullable(struct({ method: exactly('quantile-bins/20@1'), edges: numbers, counts: numbers })),
};

const numberOf = (version: ProfileVersion): Codec<NumberProfile> =>
  struct<NumberProfile>({
    kind: exactly('number'),
    ...common,
    type: oneOf(['int64', 'float64']),
    nan: count,
    positiveInfinity: count,
    negativeInfinity: count,
    finite: count,
    zeros: count,
    negatives: count,
    exactMin: nullable(digits),
    exactMax: nullable(digits),
    moments: nullable(MOMENTS[version]),
    ...collected,
  });

const category = struct<CategoryProfile>({
  kind: exactly('category'),
  ...common,
  type: oneOf(['text', 'boolean']),
  empty: count,
  lengths: nullable(struct({ min: double, mean: double, max: double })),
  shapes: optional(
    nullable(
      struct({
        method: exactly('text-shapes@1'),
        rows: count,
        characters: struct({
          upper: count,
          lower: count,
          digits: count,
          spaces: count,
          punctuation: count,
          other: count,
        }),
        patterns: list(struct({ pattern: text, count })),
        rest: count,
      }),
    ),
  ),
});

const time = struct<TimeProfile>({
  kind: exactly('time'),
  ...common,
  type: oneOf(['timestamp', 'date']),
  ...collected,
  cycles: optional(
    nullable(struct({ method: exactly('time-cycles/utc@1'), weekdays: numbers, hours: nullable(numbers) })),
  ),
});

const vectorOf = (version: ProfileVersion): Codec<VectorProfile> =>
  struct<VectorProfile>({
    kind: exactly('vector'),
    ...common,
    type: vectorType,
    dimension: count,
    nan: count,
    infinite: count,
    nanComponents: count,
    infiniteComponents: count,
    finite: count,
    zeros: count,
    norm: numberOf(version),
    components: nullable(
      struct({
        method: exactly('component-moments@1'),
        n: count,
        mean: list(nullable(double)),
        variance: nullable(list(nullable(double))),
        min: list(nullable(double)),
        max: list(nullable(double)),
      }),
    ),
  });

const KINDS = oneOf(['number', 'category', 'time', 'vector']);

function columnOf(version: ProfileVersion): Codec<ColumnProfile> {
  const [number, vector] = [numberOf(version), vectorOf(version)];
  return {
    write: (out, profile) => {
      KINDS.write(out, profile.kind);
      if (profile.kind === 'number') number.write(out, profile);
      else if (profile.kind === 'category') category.write(out, profile);
      else if (profile.kind === 'time') time.write(out, profile);
      else vector.write(out, profile);
    },
    read: (from) => {
      const kind = KINDS.read(from);
      if (kind === 'number') return number.read(from);
      if (kind === 'category') return category.read(from);
      return kind === 'time' ? time.read(from) : vector.read(from);
    },
  };
}

const format: Codec<TableProfile['format']> = {
  write: text.write,
  read: (from) => {
    const name = text.read(from);
    if (isReadableFormat(name)) return name;
    throw unreadable(`The profile has the format "${shown(name)}", which this release does not know.`);
  },
};

/** A profile, and the name of the table that it is of. */
export type NamedProfile = { readonly name: string; readonly profile: TableProfile };

export const namedProfile = (version: ProfileVersion): Codec<NamedProfile> =>
  struct<NamedProfile>({
    name: text,
    profile: struct({ format, rows: count, columns: list(columnOf(version)) }),
  });
