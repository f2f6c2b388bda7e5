import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../../src/formats/table-reader.ts';
import { opened, tableValues } from '../fixtures.ts';

/** What pandas and pyarrow wrote; see `generate.py` beside it. */
const fixture = (name: string): string => new URL(`../../fixtures/arrow/${name}`, import.meta.url).pathname;
const feather = (name: string): string => fixture(`${name}.feather`);

describe('Feather files of pandas and pyarrow', () => {
  it('are compressed by LZ4 unless somebody says otherwise, and hold the same rows', async () => {
    const [lz4, plain] = await Promise.all(['lz4', 'plain'].map(async (name) => openTable(feather(name))));
    const values = await tableValues(lz4!);
    expect(values).toEqual(await tableValues(plain!));
    expect(values.get('city')!.slice(0, 4)).toEqual(['Bern', 'Zürich', 'Genève', null]);
    expect(values.get('share')!.slice(0, 3)).toEqual([null, 1 / 7, 2 / 7]);
    const blocks = await tableValues(await openTable(feather('lz4-blocks')));
    expect(blocks.get('x')).toEqual(Array.from({ length: 60_000 }, (_, i) => Math.floor(i / 50)));
  });

  it('have integers beyond int64 as text, to the last digit, and say which times are cut', async () => {
    const reader = await openTable(feather('wide'));
    expect(reader.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'big text',
      'small int64',
      'at timestamp',
    ]);
    const values = await tableValues(reader);
    expect(values.get('big')).toEqual(['18446744073709551615', '5', '9223372036854775808']);
    expect(values.get('small')).toEqual([1, 2, 3]);
    expect(reader.warnings.map(({ code, column, count }) => ({ code, column, count }))).toEqual([
      { code: 'mixed-types', column: 'big', count: undefined },
      { code: 'no-time-zone', column: 'at', count: undefined },
      { code: 'rounded-times', column: 'at', count: 2 },
    ]);
  });

  it('have nanoseconds as the microseconds that they are, though no double tells them apart', async () => {
    const values = await tableValues(await openTable(feather('times')));
    expect(values.get('micros')).toHaveLength(3_000);
    expect(values.get('nanos')).toEqual(values.get('micros'));
  });

  it('have decimals without decimal places as the integers that they are, however many digits', async () => {
    const reader = await openTable(feather('decimals'));
    expect(reader.fields.map(({ type }) => type)).toEqual(['text', 'int64']);
    const values = await tableValues(reader);
    expect(values.get('n')).toEqual([null, '10000000000000000000000001', '10000000000000000000000002']);
    expect(values.get('few')).toEqual([1, 2, null]);
  });

  it('have decimals with decimal places as the nearest doubles', async () => {
    const values = await tableValues(await openTable(feather('decimal-places')));
    for (const [name, bits] of [
      ['short', [64, 128]],
      ['wide', [128, 256]],
    ] as const) {
      const nearest = values.get(name)!.map(Number);
      expect(nearest).toHaveLength(500);
      for (const width of bits) expect(values.get(`${name} ${width}`)).toEqual(nearest);
    }
  });

  it('have what columns name by a dictionary or by runs as the values themselves', async () => {
    const reader = await openTable(fixture('named.arrow'));
    const types = new Map(reader.fields.map(({ name, type }) => [name, type]));
    const values = await tableValues(reader);
    for (const name of ['big', 'at', 'day', 'price', 'marked', 'viewed', 'runs']) {
      expect(types.get(`named ${name}`)).toBe(types.get(name));
      expect(values.get(`named ${name}`)).toEqual(values.get(name));
    }
    expect(values.get('named big')!.slice(0, 3)).toEqual([null, 2n ** 60n + 1n, 2n ** 60n + 2n]);
    expect(values.get('named at')![1]).toBe(1_700_000_000_123.456 + 86_400_000.001);
    expect(values.get('named marked')!.slice(0, 5)).toEqual(['\ufeffa', 'a', 'ä', '', null]);
  });

  it('are read though batches carry half a character of what is not theirs', async () => {
    const values = await tableValues(await openTable(feather('sliced')));
    expect(values.get('text')).toEqual(
      Array.from({ length: 100 }, (_, i) => ['Zürich', 'naïve', '日本', 'Malmö'][i % 4]),
    );
  });

  it('that are broken anywhere are refused or have their rows', async () => {
    const good = readFileSync(feather('lz4'));
    for (let i = 0; i < 300; i++) {
      const broken = Buffer.from(good);
      broken[(i * 7919) % good.length]! ^= 1 << (i % 8);
      const outcome = await opened(broken, 't.feather').catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'TidemarkError' });
      else expect((outcome as Awaited<ReturnType<typeof opened>>).values.get('id') ?? []).toHaveLength(3_000);
    }
  });
});
