import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareFiles } from '../../../src/domain/files/compare-files.ts';
import { compareStored, type StoredOptions } from '../../../src/domain/files/compare-stored.ts';
import { storedComparisonBody } from '../../../src/domain/files/comparison-body.ts';
import { localParts, localTable } from '../../../src/domain/files/local-table.ts';
import { profileFiles } from '../../../src/domain/files/profile-files.ts';
import { hasStoredProfile, isStoredProfile, storedBytes } from '../../../src/domain/files/stored-profiles.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-stored-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const READ = { memoryBytes: 2 ** 28, threads: 1 };
const PLAIN: StoredOptions = { ...READ, include: null, exclude: [], policy: {} };

/** A number around `mean` that never repeats, another that often does, a plan and an id. */
function csv(rows: number, { mean = 0, plan = 'basic', from = 0 } = {}): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const amount = mean + Math.sin((i + from) * 12.9898) * 2 + i * 1e-7;
    return `${amount},${(i * 7) % 40},${i % 3 === 0 ? plan : 'pro'},${from + i}`;
  });
  return `amount,visits,plan,id\n${lines.join('\n')}\n`;
}

const write = async (name: string, content: string | Buffer): Promise<string> => {
  await writeFile(at(name), content);
  return at(name);
};

/** Stores the profile of a table, and takes the table away. */
async function stored(name: string, text: string): Promise<string> {
  const found = await profileFiles(await localTable(await write('gone.csv', text)), READ);
  await rm(at('gone.csv'));
  return write(name, storedBytes(found));
}

const compare = async (reference: string, current: string, options: Partial<StoredOptions> = {}) =>
  compareStored(
    { reference: await localTable(reference), current: await localTable(current) },
    { ...PLAIN, ...options },
  );

describe('a stored profile', () => {
  it('is known by its bytes, and is the profile that it was made from', async () => {
    const table = await localTable(await write('t.csv', csv(3000)));
    const found = await profileFiles(table, READ);
    const file = await write('any name', storedBytes(found));
    expect([await isStoredProfile(file), await isStoredProfile(at('t.csv'))]).toEqual([true, false]);
    expect(await isStoredProfile(await write('empty', ''))).toBe(false);
    expect(await hasStoredProfile(await localTable(file))).toBe(true);
    const again = await profileFiles(await localTable(file), READ);
    expect(again).toMatchObject({ profile: found.profile, schema: found.schema, files: [{ format: 'profile' }] });
  });

  it('is a part of a table like any other', async () => {
    const first = await stored('first.profile', csv(2000));
    const second = await write('second.csv', csv(1000, { from: 2000 }));
    const { profile } = await profileFiles(await localParts([first, second]), READ);
    const whole = await localParts([await write('first.csv', csv(2000)), second]);
    expect(profile).toEqual((await profileFiles(whole, READ)).profile);
  });

  it('is refused where rows are needed, or where it is broken, by the name of the file', async () => {
    const file = await stored('reference.profile', csv(300));
    const sides = { reference: await localTable(file), current: await localTable(file) };
    const options = {
      ...PLAIN,
      ...{ as: null, folder, segment: null, falseAlarms: null, categories: [], measures: null },
    };
    await expect(compareFiles(sides, options)).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(/reference\.profile: This is a stored profile, which has no rows/),
    });
    const types = { ...READ, types: { visits: 'text' as const } };
    await expect(profileFiles(sides.reference, types)).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(/no rows; its column "visits" is int64/),
    });
    const same = { ...READ, types: { visits: 'int64' as const } };
    expect((await profileFiles(sides.reference, same)).profile.rows).toBe(300);
    const broken = storedBytes(await profileFiles(sides.reference, READ));
    broken[broken.length - 1]! ^= 1;
    await expect(profileFiles(await localTable(await write('broken', broken)), READ)).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(/broken: The profile is broken: .*checksum/),
    });
  });
});

describe('compareStored', () => {
  it('bounds what the rows say, and decides as they do', async () => {
    const reference = await stored('reference.profile', csv(4000));
    await write('reference.csv', csv(4000));
    for (const [change, drifted] of [
      [{ from: 4000 }, []],
      [{ from: 4000, mean: 0.5 }, ['amount']],
      [{ from: 4000, plan: 'free' }, ['plan']],
    ] as const) {
      const current = await write('current.csv', csv(3000, change));
      const found = await compare(reference, current);
      expect(found).toMatchObject({ verdict: drifted.length > 0 ? 'drift' : 'no_drift', added: [], removed: [] });
      expect(found.columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name)).toEqual(drifted);
      expect(found.skipped.map(({ name }) => name)).toEqual(['id']);
      const exact = await compareFiles(
        { reference: await localTable(at('reference.csv')), current: await localTable(current) },
        { ...PLAIN, as: null, folder, segment: null, falseAlarms: null, categories: [], measures: null },
      );
      for (const { name, findings } of exact.judgement.columns) {
        const bounds = found.columns.find((column) => column.name === name)!.findings;
        for (const { measure, value } of findings) {
          const bound = bounds.find((finding) => finding.measure === measure);
          if (bound?.lower == null || value === null) continue;
          expect(bound.lower, `${name} ${measure}`).toBeLessThanOrEqual(value + 1e-9);
          expect(bound.upper, `${name} ${measure}`).toBeGreaterThanOrEqual(value - 1e-9);
        }
      }
      expect(JSON.parse(JSON.stringify(storedComparisonBody(found)))).toMatchObject({
        format: 'tidemark.profile-comparison/1',
        reference: { rows: 4000 },
        policy: { alpha: 0.05, minimum_rows: 50 },
      });
    }
  });

  it('takes a column that is gone or of another type for drift, unless it is left out', async () => {
    const reference = await stored('reference.profile', csv(400));
    const lines = csv(400, { from: 400 }).split('\n');
    const current = await write(
      'current.csv',
      lines.map((line) => line.replace(/^([^,]*),([^,]*),/, '$1,v$2,')).join('\n'),
    );
    const found = await compare(reference, current);
    expect(found).toMatchObject({ verdict: 'drift', removed: ['visits'], added: ['vvisits'] });
    expect(found.why).toMatch(/gone or of another type: visits/);
    const retyped = await write(
      'retyped.csv',
      lines.map((line, i) => (i === 0 ? line : line.replace(',', ',v'))).join('\n'),
    );
    expect(await compare(reference, retyped)).toMatchObject({
      verdict: 'drift',
      retyped: [{ name: 'visits', reference: 'int64', current: 'text' }],
    });
    expect(await compare(reference, retyped, { exclude: ['visits'] })).toMatchObject({ verdict: 'no_drift' });
  });

  it('says where there is too little to judge, and judges by the limits that are given', async () => {
    const reference = await stored('reference.profile', csv(400));
    const few = await write('few.csv', csv(20, { from: 400 }));
    expect(await compare(reference, few)).toMatchObject({ verdict: 'insufficient_data' });
    const moved = await write('moved.csv', csv(4000, { from: 400, mean: 0.5 }));
    const limits = { 'wasserstein/reference-std@1': 2, 'js_distance/base2/reference-edges@2': 1 };
    expect(await compare(reference, moved, { policy: { limits } })).toMatchObject({ verdict: 'no_drift' });
    for (const policy of [{ weights: { amount: 0 } }, { minimumDriftedShare: 0.5 }]) {
      const found = await compare(reference, moved, { policy });
      expect(found.verdict).toBe('no_drift');
      expect(storedComparisonBody(found)).toMatchObject({
        policy: policy.weights ? { weights: { amount: 0 } } : { drifted_share: 0.5 },
      });
    }
    const typed = await compare(reference, moved, { types: { visits: 'text' } });
    expect(typed.retyped).toEqual([{ name: 'visits', reference: 'int64', current: 'text', written: null }]);
    for (const options of [
      { include: ['nothere'] },
      { exclude: ['nothere'] },
      { policy: { limits: { 'psi/reference-edges@1': 1 } } },
      { policy: { weights: { nothere: 1 } } },
      { policy: { weights: { visits: -1 } } },
    ]) {
      await expect(compare(reference, moved, options)).rejects.toMatchObject({ code: 'bad-request' });
    }
  });
});
