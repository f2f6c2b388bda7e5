import { type ColumnType, isVectorType } from '../../stats/column.ts';
import {
  type CategoryProfile,
  type ColumnProfile,
  type Distinct,
  isReadableFormat,
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
 * The members of a profile in the order in which the first version of the file holds them. A member more, or another
 * order, is another version of the file.
 */

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

const moments = struct({
  method: exactly('central-moments@1'),
  n: count,
  mean: nullable(double),
  m2: nullable(double),
  m3: nullable(double),
  m4: nullable(double),
  variance: nullable(double),
  std: nullable(double),
  populationStd: nullable(double),
  skewness: nullable(double),
  kurtosis: nullable(double),
});

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

const number = struct<NumberProfile>({
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
  moments: nullable(moments),
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

const vector = struct<VectorProfile>({
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
  norm: number,
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

const column: Codec<ColumnProfile> = {
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

export const namedProfile = struct<NamedProfile>({
  name: text,
  profile: struct({ format, rows: count, columns: list(column) }),
});
