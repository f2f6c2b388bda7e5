import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompareOptions, compareFiles, compatTool } from '../../../src/domain/files/compare-files.ts';
import { comparisonBody, profileBody } from '../../../src/domain/files/comparison-body.ts';
import { localTable } from '../../../src/domain/files/local-table.ts';
import { profileFiles } from '../../../src/domain/files/profile-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (...names: string[]) => join(folder, ...names);
const READ = { memoryBytes: 2 ** 28, threads: 2 };
const PLAIN: CompareOptions = {
  ...READ,
  as: null,
  folder: tmpdir(),
  segment: null,
  falseAlarms: null,
  include: null,
  exclude: [],
  categories: [],
  measures: null,
  policy: {},
};

/** Rows of an id, a number around `mean`, a plan and a code that looks like a number. */
function csv(rows: number, { mean = 0, plan = 'basic', from = 0 } = {}): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const number = mean + Math.sin(i * 12.9898) * 2;
    return `${from + i},${number},${i % 3 === 0 ? plan : 'pro'},0${i % 4}`;
  });
  return `id,amount,plan,code\n${lines.join('\n')}\n`;
}

async function write(name: string, text: string): Promise<string> {
  await mkdir(join(at(name), '..'), { recursive: true });
  await writeFile(at(name), text);
  return at(name);
}

const compare = async (reference: string, current: string, options: Partial<CompareOptions> = {}) =>
  compareFiles(
    { reference: await localTable(reference), current: await localTable(current) },
    { ...PLAIN, ...options },
  );

describe('a local table', () => {
  it('is a file, or the data files of a folder in the order of their paths', async () => {
    await write('folder/b/2.csv', csv(3));
    await write('folder/a.csv', csv(2));
    await write('folder/README.txt', 'not a table');
    const { files } = await localTable(at('folder'));
    expect(files.map(({ path }) => path)).toEqual(['a.csv', 'b/2.csv']);
    const found = await profileFiles(await localTable(at('folder')), READ);
    expect(found.profile.rows).toBe(5);
    expect(profileBody(found, null)).toMatchObject({ format: 'tidemark.local-profile/1', profile: { rows: 5 } });
  });

  it('is refused where there is nothing to read', async () => {
    await expect(localTable(at('nowhere'))).rejects.toMatchObject({ code: 'bad-path' });
    await mkdir(at('empty'), { recursive: true });
    await expect(localTable(at('empty'))).rejects.toMatchObject({ code: 'bad-path' });
  });
});

describe('two local tables', () => {
  it('do not differ by where their rows are split, nor by the numbers of their rows', async () => {
    const whole = await write('whole.csv', csv(900));
    await write('parts/1.csv', csv(300));
    const rest = csv(900).split('\n');
    await write('parts/2.csv', [rest[0], ...rest.slice(301)].join('\n'));
    const found = await compare(whole, at('parts'));
    expect(found.judgement.dataset).toMatchObject({ verdict: 'no_drift', judged: 3, drifted: 0 });
    expect(found.skipped.map(({ name }) => name)).toEqual(['id']);
    const amount = found.judgement.columns.find(({ name }) => name === 'amount');
    expect(amount?.findings.find(({ measure }) => measure === 'ks/two-sided@1')?.value).toBe(0);
  });

  it('differ where a mean moved and a text is new, in the form that reports have', async () => {
    const before = await write('before.csv', csv(500));
    const after = await write('after.csv', csv(400, { mean: 1, plan: 'trial', from: 500 }));
    const found = await compare(before, after);
    expect(found.judgement.columns.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['amount', 'drift'],
      ['plan', 'drift'],
      ['code', 'no_drift'],
    ]);
    expect(comparisonBody(found)).toMatchObject({
      format: 'tidemark.comparison/1',
      verdict: 'drift',
      counts: { drifted: 2, judged: 3 },
      reference: { rows: 500 },
      current: { rows: 400 },
      methods: { judge: 'judge@5', profile: 'tidemark.profile/3' },
    });
  });

  it('have their columns told apart: added, removed, asked for, left out', async () => {
    const before = await write(
      'one.csv',
      'a,b,id\n'.concat(...Array.from({ length: 60 }, (_, i) => `${i % 7},x,${i}\n`)),
    );
    const after = await write(
      'two.csv',
      'a,c,id\n'.concat(...Array.from({ length: 60 }, (_, i) => `${i % 7},x,${i}\n`)),
    );
    expect(await compare(before, after)).toMatchObject({ added: ['c'], change: { removed: ['b'] } });
    const asked = await compare(before, after, { include: ['id'] });
    expect(asked.judgement.columns.map(({ name }) => name)).toEqual(['id']);
    expect((await compare(before, after, { exclude: ['a'] })).judgement.columns).toEqual([]);
    await expect(compare(before, after, { include: ['none'] })).rejects.toMatchObject({ code: 'bad-request' });
    const limits: Record<string, number> = { 'no_such/measure@1': 1 };
    await expect(compare(before, after, { policy: { limits } })).rejects.toMatchObject({ code: 'bad-request' });
    // What is not chosen decides nothing, so a limit on it is a mistake.
    const idle = { policy: { limits: { 'mmd/linear-time@2': 1 } } };
    await expect(compare(before, after, idle)).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('are compared as texts where the reference holds texts and the other only digits', async () => {
    const texts = await write('texts.csv', `v\n${'a\n1\n2\n'.repeat(40)}`);
    const digits = await write('digits.csv', `v\n${'1\n2\n'.repeat(60)}`);
    const [column] = (await compare(texts, digits)).judgement.columns;
    expect(column).toMatchObject({ kind: 'category', verdict: 'drift' });
    expect(column?.bins.find(({ label }) => label === '1')?.window).toBe(60);
  });

  it('are compared by the measures that are asked for', async () => {
    const before = await write('before.csv', csv(500));
    const after = await write('after.csv', csv(400, { mean: 1, plan: 'trial', from: 500 }));
    const measures = ['anderson_darling/midrank@1', 'hellinger/reference-edges@2'];
    const found = await compare(before, after, { measures });
    const [amount, plan] = found.judgement.columns;
    expect(amount?.findings.map(({ measure }) => measure)).toEqual([...measures, 'missing_share/difference@1']);
    expect(plan?.findings.map(({ measure }) => measure)).toContain('chi_square/contingency@1');
    expect(comparisonBody(found)).toMatchObject({ policy: { measures, adjustment: 'benjamini-hochberg' } });
    await expect(compare(before, after, { measures: ['mmd'] })).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('are judged segment by segment, and the rows that carry the drift are named', async () => {
    const rows = (shift: number): string => {
      const lines = Array.from({ length: 1200 }, (_, i) => {
        const country = ['de', 'fr', 'it', 'es', ''][i % 5];
        const amount = Math.sin(i * 12.9898) * 2 + (country === 'it' ? shift : 0);
        return `${country},${amount},${Math.cos(i * 78.233)}`;
      });
      return `country,amount,other\n${lines.join('\n')}\n`;
    };
    const before = await write('segments-1.csv', rows(0));
    const after = await write('segments-2.csv', rows(4));
    const found = await compare(before, after, { segment: 'country', policy: { slices: true } });
    const verdicts = found.segments?.judged.map(({ value, judgement }) => [value, judgement.dataset.verdict]);
    expect(new Map(verdicts as [string, string][])).toEqual(
      new Map<string | null, string>([
        ['de', 'no_drift'],
        ['fr', 'no_drift'],
        ['it', 'drift'],
        ['es', 'no_drift'],
        [null, 'no_drift'],
      ]),
    );
    expect(found.segments?.judged[0]).toMatchObject({
      rows: { reference: 240, current: 240 },
      judgement: { policy: { alpha: 0.01 } },
    });
    expect(found.judgement.slices).toMatchObject([{ conditions: [{ column: 'country', value: 'it' }] }]);
    expect(comparisonBody(found)).toMatchObject({
      segments: [{ rows: { reference: 240 }, alpha: 0.01 }, {}, {}, {}, {}],
      slices: [{ support: { reference: 0.2 } }],
    });
    await expect(compare(before, after, { segment: 'none' })).rejects.toMatchObject({ code: 'bad-request' });
    expect((await compare(before, after)).segments).toBeNull();
  });

  it('have segments by ranges of numbers and by times, and those that are too many are told', async () => {
    const rows = (shift: number) =>
      `n,day,key,x\n${Array.from({ length: 3000 }, (_, i) => {
        const n = (i * 0.61803) % 1;
        const day = new Date(Date.UTC(2026, 0, 1 + (i % 200))).toISOString().slice(0, 10);
        return `${n},${day},k${i % 60},${(i % 17) + (n < 0.1 ? shift : 0)}`;
      }).join('\n')}\n`;
    const before = await write('ranges-1.csv', rows(0));
    const after = await write('ranges-2.csv', rows(5));
    const by = async (segment: string) => (await compare(before, after, { segment, include: ['x'] })).segments;
    const ranges = await by('n');
    expect(ranges?.judged.map(({ judgement }) => judgement.dataset.verdict)).toEqual([
      'drift',
      ...Array.from({ length: 9 }, () => 'no_drift'),
    ]);
    expect(ranges?.judged[0]).toMatchObject({ rows: { reference: 300, current: 300 } });
    expect(ranges?.judged[0]?.value).toMatch(/^below 0\.[01]/);
    expect(ranges?.judged[1]?.value).toMatch(/^from 0\.[01]\d* to below 0\.[12]/);
    expect(ranges?.leftOut).toMatchObject({ values: 0, rows: { reference: 0, current: 0 } });
    const months = await by('day');
    expect(months?.judged.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7].map((month) => `2026-0${month}`));
    const keys = await compare(before, after, { segment: 'key', include: ['x'] });
    expect(keys.segments?.judged.length).toBe(50);
    expect(comparisonBody(keys)).toMatchObject({
      segments_left_out: { values: 10, examples: ['k54', 'k55', 'k56', 'k57', 'k58'], rows: { reference: 500 } },
    });
  });

  it('are looked at as whole rows within segments too', async () => {
    // In one group x and y go together, and then go apart, each of them as it was.
    const rows = (sign: number) =>
      `x,y,grp\n${Array.from({ length: 4000 }, (_, i) => {
        const x = Math.sin(i * 12.9898);
        const noise = 0.05 * Math.sin(i * 78.233);
        return `${x},${(i % 2 === 0 ? sign : 1) * x + noise},${i % 2 === 0 ? 'a' : 'b'}`;
      }).join('\n')}\n`;
    const before = await write('apart-1.csv', rows(1));
    const after = await write('apart-2.csv', rows(-1));
    const measures = ['domain_classifier/auc@1'];
    const { segments } = await compare(before, after, { segment: 'grp', include: ['x', 'y'], measures });
    expect(
      segments?.judged.map(({ value, judgement: { dataset } }) => [value, dataset.verdict, dataset.reasons]),
    ).toEqual([
      ['a', 'drift', ['whole_rows']],
      ['b', 'no_drift', []],
    ]);
  });

  it('have their free text judged, although every text is different', async () => {
    const words = ['red', 'green', 'old', 'house', 'boat', 'river', 'street', 'garden'];
    const say = (i: number, seed: number): string =>
      Array.from(
        { length: 5 },
        (_, k) => words[Math.floor(Math.abs(Math.sin(seed + i * 12.9898 + k * 78.233)) * 8) % 8],
      ).join(' ');
    const rows = (seed: number, end: string) =>
      `note,x\n${Array.from({ length: 400 }, (_, i) => `${say(i, seed)} no ${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}${seed}${'uvwx'[Math.floor(i / 100)]}${end},${i % 5}`).join('\n')}\n`;
    const before = await write('notes-1.csv', rows(1, ''));
    const after = await write('notes-2.csv', rows(2, ' and much more of it'));
    const found = await compare(before, after);
    expect(found.skipped).toEqual([]);
    const [note] = found.judgement.columns;
    expect(note).toMatchObject({ name: 'note', verdict: 'drift', why: expect.stringContaining('on average before') });
  });

  it('count by their weights, also where columns are gone', async () => {
    const before = await write('weights-1.csv', csv(500));
    const after = await write('weights-2.csv', csv(400, { mean: 1, from: 500 }).replaceAll(',plan', ',scheme'));
    const weigh = (weights: Record<string, number>) => compare(before, after, { policy: { weights } });
    expect((await weigh({ amount: 2 })).judgement.dataset.reasons).toEqual(['schema', 'columns']);
    const idle = await weigh({ amount: 0, plan: 0 });
    expect(idle.judgement.dataset).toMatchObject({ verdict: 'no_drift', reasons: [] });
    expect(comparisonBody(idle)).toMatchObject({
      policy: { weights: { amount: 0, plan: 0 } },
      schema: { removed: ['plan'] },
      columns: [{ name: 'amount', verdict: 'drift', weight: 0 }, { weight: 1 }],
    });
    await expect(weigh({ none: 1 })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(weigh({ amount: -1 })).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('are held against limits that are found out from the reference', async () => {
    const before = await write('calibrated-1.csv', csv(900));
    const after = await write('calibrated-2.csv', csv(400, { mean: 0.15, from: 900 }));
    const found = await compare(before, after, { falseAlarms: 0.2 });
    expect(found.calibration).toMatchObject({ falseAlarms: 0.2, calibration: { windows: 20, tail: 'counted' } });
    const limitOf = ({ judgement }: typeof found) =>
      judgement.columns
        .find(({ name }) => name === 'amount')
        ?.findings.find(({ measure }) => measure === 'wasserstein/reference-std@1')?.limit;
    const limit = limitOf(found);
    expect(limit).not.toBe(0.1);
    expect(comparisonBody(found)).toMatchObject({
      policy: {
        effects: {},
        calibration: {
          false_alarms: 0.2,
          resamples: 20,
          tail: 'counted',
          limits: { amount: { 'wasserstein/reference-std@1': limit } },
        },
      },
    });
    const chosen = await compare(before, after, {
      falseAlarms: 0.2,
      policy: { limits: { 'wasserstein/reference-std@1': 0.5 } },
    });
    expect(limitOf(chosen)).toBe(0.5);
    const few = await write('calibrated-3.csv', csv(10));
    await expect(compare(few, few, { falseAlarms: 0.1 })).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('are also judged as another tool would', async () => {
    const before = await write('evidently-1.csv', csv(500));
    const after = await write('evidently-2.csv', csv(400, { mean: 1, plan: 'trial', from: 500 }));
    const { compat } = await compare(before, after, { as: compatTool('evidently') });
    // Also of the key, which is left out of the verdict here.
    expect(compat?.columns.map(({ column }) => column)).toEqual(['amount', 'plan', 'code', 'id']);
    expect(compat).toMatchObject({
      tool: 'evidently',
      drift: true,
      columns: [
        { column: 'amount', method: 'K-S p_value', drift: true },
        { column: 'plan', method: 'chi-square p_value', score: 0, drift: true },
        { column: 'code', method: 'chi-square p_value', drift: false },
        { column: 'id', method: 'K-S p_value', drift: true },
      ],
    });
    expect(() => compatTool('none')).toThrow(/there are evidently, nannyml/);
  });

  it('say that they are too small to be told apart', async () => {
    const few = await write('few.csv', csv(10));
    expect((await compare(few, few)).judgement.dataset.verdict).toBe('insufficient_data');
    expect((await compare(few, few, { policy: { minimumRows: 5 } })).judgement.dataset.verdict).toBe('no_drift');
  });
});
