import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../../src/formats/table-reader.ts';
import { opened, tableValues } from '../fixtures.ts';

/** What pandas and pyarrow wrote; see `generate.py` beside it. */
const feather = (name: string): string => new URL(`../../fixtures/arrow/${name}.feather`, import.meta.url).pathname;

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
