import { statSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTidemarkError } from '../../../src/errors.ts';
import { lineRanges } from '../../../src/formats/byte-ranges.ts';
import { type CsvKernels, csvKernels } from '../../../src/formats/csv/kernels.ts';
import { type CsvPlan, readCsvRange } from '../../../src/formats/csv/ranges.ts';
import { readsAs } from '../../../src/formats/csv/types.ts';
import { planTable } from '../../../src/formats/range-reader.ts';
import { decimalValue } from '../../../src/formats/text/decimal.ts';
import { NOT_A_TIME, readTime } from '../../../src/formats/text/time-text.ts';
import type { ColumnType, Field } from '../../../src/stats/column.ts';
import { addText, addTextWords, emptyRegisters } from '../../../src/stats/summaries/hyperloglog.ts';
import { tempFile, type Value, valuesOf } from '../fixtures.ts';

/** All that a range gives, by its kernels or without. */
async function readAll(plan: CsvPlan, kernels: () => CsvKernels | null) {
  const columns: Value[][] = plan.fields.map(() => []);
  const outcomes = [];
  for (const span of plan.ranges) {
    const wanted = plan.fields.map((_, i) => i);
    const reading = readCsvRange(plan, span, wanted, kernels());
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

async function planOf(text: string, types: readonly ColumnType[], count: number): Promise<CsvPlan> {
  const path = tempFile(text, 't.csv');
  const plan = await planTable(path, { csv: { header: true, delimiter: ',' } });
  if (plan?.kind !== 'csv') throw new Error('no plan');
  const fields = plan.fields.map(({ name }, i) => ({ name, type: types[i]! }));
  return { ...plan, fields, ranges: lineRanges(path, statSync(path).size, count) };
}

function kernelsOf(fields: readonly Field[]): CsvKernels {
  const kernels = csvKernels(fields);
  if (kernels === null) throw new Error('the kernels are not compiled: npm run build');
  return kernels;
}

const number = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -1e6, max: 1e6 }).map(String) },
  { weight: 3, arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true }).map(String) },
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((v) => v.toFixed(7)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }).map(String),
  fc.stringMatching(/^-?\d{1,21}(\.\d{0,21})?$/),
  fc.stringMatching(/^-?0?\d{0,3}\.\d{1,3}$/),
  { weight: 3, arbitrary: fc.stringMatching(/^-?\d{1,9}\.\d{1,19}$/) },
  fc.stringMatching(/^-?\d{1,17}[./:x]?\d{0,17}$/),
  { weight: 2, arbitrary: fc.stringMatching(/^-?0\.0{0,25}\d{1,19}$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^-?\d{1,3}(\.\d{0,18})?[eEx][+-]?\d{0,3}$/) },
);
const time = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
    .map((d) => d.toISOString()),
  fc
    .tuple(
      fc.stringMatching(/^(19|20)\d\d-[01]\d-[0-3]\d$/),
      fc.constantFrom('', 'T', ' '),
      fc.stringMatching(/^[0-2]\d:[0-6]\d(:[0-6]\d([.,]\d{1,10})?)?$/),
      fc.constantFrom('', 'Z', 'z', '+02:00', '-0330', '+5', '+24:00'),
    )
    .map(([date, separator, clock, zone]) => (separator === '' ? date : date + separator + clock + zone)),
);
const word = fc.constantFrom(
  '',
  '?',
  'NA',
  'nan',
  '-inf',
  'true',
  ' 1',
  '1 ',
  '"7"',
  '"a ""b"", c"',
  '"x\ny"',
  'é',
  '+1',
  '""',
);

describe('the kernels', () => {
  it('serve one table after the other, whatever was read before, and one at a time', async () => {
    const plans = await Promise.all(
      ['a,b\n1,x\n2,"y ""z"""\n', 'c,d\n,z\n5e-3,x\n'].map((text) => planOf(text, ['float64', 'text'], 1)),
    );
    const used = kernelsOf(plans[0]!.fields);
    expect(kernelsOf(plans[0]!.fields)).not.toBe(used);
    for (const plan of [...plans, ...plans]) {
      expect(await readAll(plan, () => used)).toEqual(await readAll(plan, () => null));
      expect(kernelsOf(plan.fields)).toBe(used);
      expect(kernelsOf([{ name: 'a', type: 'text' }])).not.toBe(used);
    }
  });

  it('scan and read what their twins do, value by value', async () => {
    const cellOf = (usual: fc.Arbitrary<string>) => fc.oneof({ weight: 30, arbitrary: usual }, word, number, time);
    const whole = fc.integer({ min: -1e9, max: 1e9 }).map(String);
    const row = fc.tuple(cellOf(whole), cellOf(number), cellOf(time), fc.oneof(word, number));
    const ragged = fc.array(word, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 40, arbitrary: row }, ragged), { maxLength: 80 }),
        fc.constantFrom('\n', '\r\n', '\r', '\n\n'),
        fc.constantFrom(',', ', '),
        fc.integer({ min: 1, max: 4 }),
        async (rows, newline, comma, count) => {
          const text = ['a,b,c,d', ...rows.map((cells) => cells.join(comma))].join(newline);
          const plan = await planOf(text, ['int64', 'float64', 'timestamp', 'text'], count);
          const twins = await readAll(plan, () => null);
          const found = await readAll(plan, () => kernelsOf(plan.fields));
          expect(found.outcomes).toEqual(twins.outcomes);
          for (const [i, column] of found.columns.entries()) {
            // Only a column that fits its guessed type has values.
            const fits = twins.outcomes.every(
              (outcome) => typeof outcome !== 'string' && readsAs(outcome.evidence[i]!, plan.fields[i]!.type),
            );
            if (fits) expect(sorted(column)).toEqual(sorted(twins.columns[i]!));
          }
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });

  it('read decimals of every length wherever they stand at the beginning of what is scanned', async () => {
    const digits = '12345678901234567890';
    const rows = Array.from({ length: digits.length - 1 }, (_, k) => k + 1).flatMap((dot) =>
      Array.from(
        { length: digits.length - dot },
        (_, k) => `${digits.slice(0, dot)}.${digits.slice(dot, dot + k + 1)}`,
      ),
    );
    for (let before = 1; before <= 36; before++) {
      const lines = rows.map((decimal, i) => `${'x'.repeat(before)},${i % 2 === 0 ? decimal : `-${decimal}`}\n`);
      const plan = await planOf(`a,b\n${lines.join('')}`, ['text', 'float64'], 1);
      const kernels = kernelsOf(plan.fields);
      let start = 4;
      for (const line of lines) {
        const reading = readCsvRange(plan, { start, end: start + line.length }, [1], kernels);
        for await (const batch of reading.batches()) {
          expect([line, ...valuesOf(batch.columns[0]!)]).toEqual([line, Number(line.slice(before + 1))]);
        }
        expect(reading.outcome().rows).toBe(1);
        start += line.length;
      }
    }
  });

  it('know the day that they have read last, and take no other for it', async () => {
    const days = ['1970-01-01', '2024-02-29', '2024-02-29', '2024-02-30', '2024-02-29', '2023-02-29', '202x-02-29'];
    const cells = [...days, ...days].flatMap((day) => [`${day} 00:00:01`, day, `${day}T23:59:59Z`, `${day}T24:00:00`]);
    const kernels = kernelsOf((await planOf('a\n2024-02-29\n', ['timestamp'], 1)).fields);
    const scratch = new Float64Array(1);
    let plain = 0;
    for (const cell of cells) {
      const end = kernels.text.write(cell);
      kernels.index.starts[0] = 0;
      kernels.index.ends[0] = end;
      const block = { buf: kernels.text, index: kernels.index, column: 0, from: 0, to: 1, writing: null };
      const read = kernels.readTimes(block) === 0;
      expect([cell, read]).toEqual([cell, readTime(kernels.text, 0, end, scratch) !== NOT_A_TIME]);
      if (read) expect([cell, kernels.values[0]]).toEqual([cell, scratch[0]]);
      plain += Number(read);
    }
    expect(plain).toBe(3 * 2 * 4);
  });

  it('tell the words that texts are counted by, where all are ASCII', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'Z', '0', '9', '_', '- ', '.', '~', '\u007f'),
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(text), async (texts) => {
        const plan = await planOf('a\nb\n', ['text'], 1);
        const dictionary = kernelsOf(plan.fields).dictionaries.get(0)!;
        for (const one of texts) dictionary.codeOf(one);
        const { count, textOf, words } = dictionary.encode();
        const [found, expected] = [emptyRegisters(), emptyRegisters()];
        const told = words?.();
        for (let code = 0; code < count; code++) {
          addTextWords(found, told!, code);
          addText(expected, textOf(code));
        }
        expect(count).toBe(new Set(texts).size);
        expect(found).toEqual(expected);
        dictionary.codeOf('é');
        expect(words?.()).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it('give texts that no longer fit their room the codes of their twin', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => {
      const long = i % 3 === 0 ? 'again' : `${i} ${'ä'.repeat(i % 90)}`;
      return `${long},"${i % 500} ""quoted""",${i % 7 === 0 ? '?' : `s${i % 40}`}`;
    });
    const plan = await planOf(`a,b,c\n${rows.join('\n')}\n`, ['text', 'text', 'text'], 1);
    const twins = await readAll(plan, () => null);
    expect(await readAll(plan, () => kernelsOf(plan.fields))).toEqual(twins);
    expect(twins.columns[0]![29_997]).toBe('again');
    expect(twins.columns[1]![0]).toBe('0 "quoted"');
  });

  it('give texts behind a row that has no place in their memory the codes of their twin', async () => {
    const plain = Array.from({ length: 600 }, (_, k) => `s${k % 9},t${k % 7}`);
    const cell = 'long '.repeat(2 ** 17);
    const long = `${cell},${cell},${cell},${cell}`;
    const plan = await planOf(`a,b\n${[...plain, long, ...plain].join('\n')}\n`, ['text', 'text'], 1);
    expect(await readAll(plan, () => kernelsOf(plan.fields))).toEqual(await readAll(plan, () => null));
  });

  it.each<[string, fc.Arbitrary<string>, ColumnType]>([
    ['numbers', number, 'float64'],
    ['times', time, 'timestamp'],
  ])('read %s to the last bit', async (_, cell, type) => {
    const cells = fc.sample(cell, { numRuns: 20_000, seed: 5 });
    const plan = await planOf(`a,k\n${cells.map((text) => `${text},k`).join('\n')}\n`, [type, 'text'], 1);
    const kernels = kernelsOf(plan.fields);
    let plain = 0;
    const read = type === 'float64' ? kernels.readNumbers.bind(kernels) : kernels.readTimes.bind(kernels);
    const scratch = new Float64Array(1);
    const bytes = Buffer.from(cells.join('\n'));
    expect(bytes.length).toBeLessThan(kernels.text.length);
    bytes.copy(kernels.text);
    let at = 0;
    for (const text of cells) {
      const end = at + Buffer.byteLength(text);
      kernels.index.starts[0] = at;
      kernels.index.ends[0] = end;
      const odd = read({ buf: kernels.text, index: kernels.index, column: 0, from: 0, to: 1, writing: null }, false);
      if (odd === 0) {
        plain++;
        if (type === 'float64') scratch[0] = decimalValue(kernels.text, at, end);
        else readTime(kernels.text, at, end, scratch);
        expect([text, kernels.values[0]]).toEqual([text, scratch[0]]);
      }
      at = end + 1;
    }
    expect(plain).toBeGreaterThan(5_000);
    expect(plan.fields[0]!.type).toBe(type);
  });
});

/** -0 and 0 are one value in a column. */
function sorted(values: readonly Value[]): Value[] {
  return values.map((value) => (value === 0 ? 0 : value));
}
