import { statSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTidemarkError } from '../../../src/errors.ts';
import { lineRanges } from '../../../src/formats/byte-ranges.ts';
import { readsAs } from '../../../src/formats/csv/types.ts';
import { type JsonKernels, jsonKernels } from '../../../src/formats/json/kernels.ts';
import { type JsonOutcome, type JsonPlan, readJsonRange } from '../../../src/formats/json/ranges.ts';
import { planTable } from '../../../src/formats/range-reader.ts';
import type { ColumnType, Field } from '../../../src/stats/column.ts';
import { tempFile, type Value, valuesOf } from '../fixtures.ts';

/** All that each range gives, by its kernels or without. */
async function readAll(plan: JsonPlan, kernels: () => JsonKernels | null) {
  const columns: Value[][] = plan.fields.map(() => []);
  const outcomes: (JsonOutcome | string)[] = [];
  for (const span of plan.ranges) {
    const wanted = plan.fields.map((_, i) => i);
    const reading = readJsonRange(plan, span, wanted, kernels());
    try {
      for await (const batch of reading.batches()) {
        for (const [i, column] of batch.columns.entries()) columns[i]!.push(...valuesOf(column));
      }
      outcomes.push(reading.outcome());
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      outcomes.push(error.message);
    }
  }
  return { outcomes, columns };
}

async function planOf(text: string | Uint8Array, types: Record<string, ColumnType>, count = 1): Promise<JsonPlan> {
  const path = tempFile(text, 't.ndjson');
  const plan = await planTable(path);
  if (plan?.kind !== 'json') throw new Error('no plan');
  const fields = Object.entries(types).map(([name, type]) => ({ name, type }));
  return { ...plan, fields, ranges: lineRanges(path, statSync(path).size, count) };
}

function kernelsOf(fields: readonly Field[]): JsonKernels {
  const kernels = jsonKernels(fields);
  if (kernels === null) throw new Error('the kernels are not compiled: npm run build');
  return kernels;
}

/** How many records the kernels themselves took. */
function counted(kernels: JsonKernels): { readonly kernels: JsonKernels; taken: number } {
  const counter = { kernels, taken: 0 };
  const scan = kernels.scan.bind(kernels);
  kernels.scan = (...range) => {
    const rows = scan(...range);
    counter.taken += rows;
    return rows;
  };
  return counter;
}

/** By kernels it is what it is without, errors and their places among it. */
async function expectTwins(plan: JsonPlan): Promise<void> {
  const twins = await readAll(plan, () => null);
  const found = await readAll(plan, () => kernelsOf(plan.fields));
  expect(found.outcomes).toEqual(twins.outcomes);
  for (const [i, { name, type }] of plan.fields.entries()) {
    // Only a column that fits its guessed type has values.
    const fits = twins.outcomes.every((outcome) => {
      if (typeof outcome === 'string') return false;
      const evidence = outcome.found.find((column) => column.name === name)?.evidence;
      return evidence === undefined || readsAs(evidence.seen, type, evidence.dimension);
    });
    if (fits) expect(found.columns[i]).toEqual(twins.columns[i]);
  }
}

const isInt64 = (digits: string): boolean => BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);

/** Numbers that a column of decimals may hold: no integers beyond int64, which make a column of texts. */
const number = fc
  .oneof(
    { weight: 3, arbitrary: fc.integer({ min: -1e6, max: 1e6 }).map(String) },
    { weight: 3, arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true }).map((v) => JSON.stringify(v)) },
    fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((v) => v.toFixed(7)),
    fc.double({ min: -1, max: 1, noNaN: true }).map((v) => v.toExponential()),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.stringMatching(/^-?(0|[1-9]\d{0,22})(\.\d{1,24})?([eE][+-]?\d{1,3})?$/),
    fc.stringMatching(/^-?0\.0{0,25}\d{1,19}([eE]-?\d)?$/),
    fc.constantFrom('-0', '-0.0', '0e-30', '1E5', '9007199254740993', '9223372036854775807', '5e-324'),
    fc.constantFrom('1e308', '1.7976931348623157e308', '2.2250738585072011e-308', '-9223372036854775808'),
  )
  .filter((text) => (/[.e]/i.test(text) ? Number.isFinite(Number(text)) : isInt64(text)));
const time = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
    .map((d) => d.toISOString()),
  fc.constantFrom('2024-05-01', '2024-05-01 10:00:00', '2024-05-01T10:00:00+02:00'),
);
const quoted = (texts: fc.Arbitrary<string>) => texts.map((text) => `"${text}"`);
const text = quoted(
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom('a', 'code 1', 'é', '€', '😀', "'", '{', ',', '?', 'x'.repeat(17)) },
        fc.constantFrom('\\"', '\\\\', '\\/', '\\n', '\\u00e9', '\\u20AC', '\\ud83d\\ude00', '\\b\\f\\r\\t'),
      ),
      { maxLength: 5 },
    )
    .map((parts) => parts.join('')),
);
/** What stands here and there instead of the usual, some of it no JSON. */
const odd = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('null', 'true', 'false', '[]', '{}', '[1,2.5]', '[ 1 , null,-3e2 ]', '"2024-05-01"'),
  },
  { weight: 4, arbitrary: fc.constantFrom('{"x":1}', '[1,[2]]', '["a"]', '[1,"a"]', '""', '"null"', '"7"') },
  fc.constantFrom('01', '1.', '.5', '-', '+1', '1e', '1e999', 'nul', 'True', 'NaN', '', '"', '"\\x"', '"\\u12g4"'),
  fc.constantFrom('1e309', '9223372036854775808', '-9223372036854775809', '123456789012345678901'),
  fc.constantFrom('"\\u0000"', '"\\ud800"', '"\t"', '[1,]', '[1', '1 2', '{"x":1,"x":2}'),
);
const rare = (usual: fc.Arbitrary<string>, weight = 120) => fc.oneof({ weight, arbitrary: usual }, odd);
const vector = fc.array(number, { minLength: 3, maxLength: 3 }).map((values) => `[${values.join(', ')}]`);

const TYPES = { i: 'int64', n: 'float64', t: 'timestamp', s: 'text', b: 'boolean', e: 'vector[3]' } as const;
const whole = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -1e9, max: 1e9 }).map(String) },
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.constantFrom('-0', '9007199254740992', '-9007199254740992', '9007199254740993', '999999999999999'),
);
const cells = {
  i: rare(whole),
  n: rare(number),
  t: rare(quoted(time)),
  s: rare(text),
  b: rare(fc.constantFrom('true', 'false')),
  e: rare(vector),
};
const usualRecord = fc.record(cells).map((row) => Object.entries(row));
const sparseRecord = fc.record(cells, { requiredKeys: [] }).map((row) => Object.entries(row));
const oddRecord = fc.oneof(
  usualRecord.chain((row) => fc.shuffledSubarray(row)),
  usualRecord.map((row) => [...row, ['late', '1']]),
  usualRecord.map((row) => [...row, ['i', '1']]),
);
const line = fc
  .tuple(
    fc.oneof({ weight: 60, arbitrary: usualRecord }, { weight: 4, arbitrary: sparseRecord }, oddRecord),
    fc.oneof(
      { weight: 25, arbitrary: fc.constant([':', ',']) },
      fc.constant([': ', ', ']),
      fc.constant([' :\t', ' , ']),
    ),
    fc.oneof({ weight: 100, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\t', ' x', '\r')),
  )
  .map(([row, [colon, comma], behind]) => {
    const members = row.map(([name, value]) => `"${name}"${colon}${value}`);
    return `{${members.join(comma)}}${behind}`;
  });

describe('the kernels of JSON', () => {
  it('serve one table after the other, whatever was read before, and one at a time', async () => {
    const types = { a: 'float64', b: 'text' } as const;
    const plans = await Promise.all(
      ['{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n', '{"b":"z","a":null}\n{"c":[1],"b":"x"}\n'].map((text) =>
        planOf(text, types),
      ),
    );
    const used = kernelsOf(plans[0]!.fields);
    expect(kernelsOf(plans[0]!.fields)).not.toBe(used);
    for (const plan of [...plans, ...plans]) {
      expect(await readAll(plan, () => used)).toEqual(await readAll(plan, () => null));
      expect(kernelsOf(plan.fields)).toBe(used);
    }
  });

  it('scan and read what their twins do, value by value', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 60, arbitrary: line }, fc.constantFrom('', '  ', '{}', '5')), { maxLength: 60 }),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.constantFrom('', '\n'),
        fc.integer({ min: 1, max: 3 }),
        async (lines, newline, last, count) => {
          await expectTwins(await planOf(lines.join(newline) + last, TYPES, count));
        },
      ),
      { numRuns: 400, seed: 7 },
    );
  });

  it('read what JSON.parse reads', async () => {
    const sampled = (values: fc.Arbitrary<string>) => fc.sample(values, { numRuns: 3_000, seed: 11 });
    const texts = sampled(text);
    const numbers = sampled(number);
    const lines = texts.map((s, k) => `{"s":${s},"n":${numbers[k]!}}`);
    const plan = await planOf(`${lines.join('\n')}\n`, { s: 'text', n: 'float64' });
    const counter = counted(kernelsOf(plan.fields));
    const { columns } = await readAll(plan, () => counter.kernels);
    const records = lines.map((record): { s: string; n: number } => JSON.parse(record));
    expect(columns[0]).toEqual(records.map(({ s }) => s));
    expect(columns[1]).toEqual(records.map(({ n }) => n));
    // Only surrogates, and numbers with an exponent of three digits, are no business of theirs.
    expect(counter.taken).toBeGreaterThan(1_500);
  });

  it('leave only odd records to the careful parser', async () => {
    const lines = Array.from({ length: 3_000 }, (_, k) => {
      if (k % 100 === 7) return `{"late":${k},"i":${k}}`;
      if (k % 100 === 8) return `{"i":${k},"s":"\\ud83d\\ude00"}`;
      return k % 3 === 0 ? `{"i":${k},"s":null}` : `{"i":${k},"s":"x\\u00e9\\n${k}","at":"2024-05-01"}\r`;
    });
    const plan = await planOf(lines.join('\n'), { i: 'int64', s: 'text', at: 'date' });
    const counter = counted(kernelsOf(plan.fields));
    const { outcomes, columns } = await readAll(plan, () => counter.kernels);
    // Each shape is learned once; the last line has no line end.
    expect(counter.taken).toBe(3_000 - 30 - 3 - 1);
    expect(outcomes).toEqual((await readAll(plan, () => null)).outcomes);
    expect(columns[0]).toEqual(lines.map((_, k) => k));
  });

  it('go on without their memory when columns, or a record, have no place in it', async () => {
    const wide = Array.from({ length: 40 }, (_, k) => `{"a":${k},"k${k}":"${k}"}`);
    const long = `{"a":1,"s":"${'long '.repeat(2 ** 19)}"}`;
    const plain = Array.from({ length: 600 }, (_, k) => `{"a":${k}.5,"s":"s${k % 9}"}`);
    for (const lines of [
      [...plain, ...wide, ...plain],
      [...plain, long, ...plain],
    ]) {
      await expectTwins(await planOf(`${lines.join('\n')}\n`, { a: 'float64', s: 'text' }));
    }
  });

  it('give texts that no longer fit their room the codes of their twin', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => {
      const long = i % 3 === 0 ? 'again' : `${i} ${'ä'.repeat(i % 90)}`;
      return JSON.stringify({ a: long, b: `${i % 500} "quoted"`, c: i % 7 === 0 ? null : i % 40 });
    });
    const plan = await planOf(`${lines.join('\n')}\n`, { a: 'text', b: 'text', c: 'text' });
    const twins = await readAll(plan, () => null);
    expect(await readAll(plan, () => kernelsOf(plan.fields))).toEqual(twins);
    expect(twins.columns[0]![29_997]).toBe('again');
    expect(twins.columns[1]![0]).toBe('0 "quoted"');
    expect(twins.columns[2]![1]).toBe('1');
  });

  it('refuse broken bytes at the same place', async () => {
    const lines = Array.from({ length: 40 }, (_, k) => `{"i":${k},"n":${k}.25,"s":"s${k}é","b":true,"t":"2024-05-01"}`);
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const byte = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...Buffer.from('0123456789",:{}[] eE+-.\\utfnr\n\r')) },
      fc.nat(255),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), byte), { minLength: 1, maxLength: 3 }),
        fc.oneof({ weight: 3, arbitrary: fc.constant(bytes.length) }, fc.nat(bytes.length)),
        async (changes, length) => {
          const broken = Buffer.from(bytes);
          for (const [at, value] of changes) broken[at] = value;
          await expectTwins(await planOf(broken.subarray(0, length), TYPES));
        },
      ),
      { numRuns: 400, seed: 13 },
    );
  });
});
