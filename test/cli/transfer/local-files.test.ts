import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableComparison } from '../../../schemas/wire/compare.ts';
import { type CompareOptions, compare } from '../../../src/cli/tables/compare.ts';
import { compareByProfiles } from '../../../src/cli/tables/compare-profiles.ts';
import { profile } from '../../../src/cli/tables/profile.ts';
import { sparkLine } from '../../../src/cli/tables/spark-line.ts';
import type { Terminal } from '../../../src/cli/terminal/terminal.ts';
import { run } from '../tables/against.ts';

/** Nobody listens there: these verbs need no service. */
const NOWHERE = 'http://127.0.0.1:9';

const terminal: Terminal = { json: true, result: () => {}, progress: () => {}, say: () => {} };
const silent = {
  terminal,
  client: () => {
    throw new Error('a path needs no service');
  },
};

const PLAIN: CompareOptions = {
  ...{
    columns: null,
    exclude: [],
    categories: [],
    types: {},
    delimiter: null,
    header: null,
    decimal: null,
    thousands: null,
  },
  dates: null,
  missing: null,
  ...{ alpha: null, minimumRows: null, limits: {}, measures: null, adjustment: null, falseAlarms: null },
  ...{ partitions: true, slices: false, segment: null, html: null, as: null, weights: null, driftedShare: null },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-local-'));
  const rows = (mean: number) => Array.from({ length: 300 }, (_, i) => `${mean + (i % 17)},${'ab'[i % 2]}\n`).join('');
  await writeFile(join(folder, 'train.csv'), `x,<b>\n${rows(0)}`);
  await writeFile(join(folder, 'live.csv'), `x,<b>\n${rows(9)}`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tidemark = (...line: string[]) => run(folder, NOWHERE, line);

describe('profile', () => {
  it('shows each column with its shape, as text and as JSON', async () => {
    const shown = await tidemark('profile', 'train.csv');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain('300 rows  2 columns');
    expect(shown.out).toMatch(/^x +int64 +0 +17 +0 .*█/m);
    const asked = await tidemark('profile', 'train.csv', '--columns', 'x', '--json');
    const body = JSON.parse(asked.out) as { profile: { columns: { name: string; max: number }[] } };
    expect(body.profile.columns).toMatchObject([{ name: 'x', max: 16 }]);
  });

  it('writes a page that needs nothing from anywhere', async () => {
    const html = join(folder, 'p.html');
    await profile(silent, [join(folder, 'train.csv')], {
      columns: null,
      types: {},
      delimiter: null,
      header: null,
      decimal: null,
      thousands: null,
      dates: null,
      missing: null,
      partitions: true,
      relations: true,
      html,
      output: null,
    });
    const page = await readFile(html, 'utf8');
    expect(page).toContain('<bdi class="strong">&lt;b&gt;</bdi>');
    expect(page).not.toMatch(/(?:src|href)="(?:http|\/)/);
  });

  it('takes several files as the parts of one table, each once', async () => {
    const together = await tidemark('profile', 'train.csv', 'live.csv', 'train.csv', '--json');
    expect(JSON.parse(together.out)).toMatchObject({
      files: [{ path: 'train.csv' }, { path: 'live.csv' }],
      profile: { rows: 600, columns: [{ name: 'x', min: 0, max: 25 }, { name: '<b>' }] },
    });
    const missing = await tidemark('profile', 'train.csv', 'churn@v1');
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('each must be a file or folder here') });
  });

  it('takes an option again, refuses a column that there is not, and names the part that cannot be read', async () => {
    const both = await tidemark('profile', 'train.csv', '-c', 'x', '-c', '<b>', '--json');
    expect(JSON.parse(both.out).profile.columns).toHaveLength(2);
    expect((await tidemark('profile', 'train.csv', '-c', 'x,y')).err).toContain('no column "y"');
    expect((await tidemark('profile', 'train.csv', '-c', ',')).code).toBe(2);
    expect((await tidemark('profile', 'train.csv', '--type', 'y=text')).err).toContain('"y"');
    expect((await tidemark('profile', 'train.csv', '--type', 'x=number')).code).toBe(2);
    await writeFile(join(folder, 'broken.parquet'), 'PAR2');
    expect((await tidemark('profile', 'train.csv', 'broken.parquet')).err).toContain(', broken.parquet: ');
    expect((await tidemark('compare', 'train.csv', 'broken.parquet')).err).toContain('broken.parquet: ');
  });

  it('says what is wrong with a path', async () => {
    expect(await tidemark('profile', 'none.csv')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing at'),
    });
  });
});

describe('compare', () => {
  it('writes a page that opens however many columns there are', async () => {
    const wide = (first: string) => `${Array.from({ length: 301 }, (_, i) => `c${i}`).join(',')}\n${first}\n`;
    const row = Array.from({ length: 301 }, (_, i) => i).join(',');
    await writeFile(join(folder, 'wide.csv'), wide(row));
    const html = join(folder, 'wide.html');
    const file = join(folder, 'wide.csv');
    await compare(silent, { reference: file, current: file }, { ...PLAIN, html });
    const page = await readFile(html, 'utf8');
    expect(page.match(/<section/g)).toHaveLength(300);
    expect(page.match(/href="#column-\d+"/g)).toHaveLength(300);
    expect(page).toContain('c300</bdi>');
    expect(page).toContain('the other 1 stand in the table above');
  });

  it('puts the worst first, says why, and tells scripts by its exit code', async () => {
    const shown = await tidemark('compare', 'train.csv', 'live.csv', '--exit-code');
    expect(shown.code).toBe(3);
    expect(shown.out).toContain('DRIFT  Of 2 columns, 1 drifted (x).');
    expect(shown.out).toMatch(/^x +drift .*above its limit/m);
    expect((await tidemark('compare', 'train.csv', 'live.csv')).code).toBe(0);
    expect((await tidemark('compare', 'train.csv', 'train.csv', '--exit-code')).code).toBe(0);
    expect((await tidemark('compare', 'train.csv', 'train.csv', '--slices')).out).toContain('no drift to explain');
    expect((await tidemark('compare', 'train.csv', 'live.csv', '--exit-code', '--weights', 'x=0,<b>=0')).code).toBe(4);
    expect((await tidemark('compare', 'train.csv', 'live.csv', '--weights', 'x=-1')).code).toBe(2);
    expect((await tidemark('compare', 'train.csv', 'train.csv', '--exit-code', '--min-rows', '999')).code).toBe(4);
  });

  it('writes a page with a picture of every column', async () => {
    const html = join(folder, 'c.html');
    const sides = { reference: join(folder, 'train.csv'), current: join(folder, 'live.csv') };
    const all = { ...PLAIN, measures: ['domain_classifier/auc@1'], slices: true };
    expect(await compare(silent, sides, { ...all, html })).toBe(3);
    const page = await readFile(html, 'utf8');
    // There is no window where two tables are compared.
    expect(page).toContain('current table');
    expect(page.match(/>[^<>]*\bwindow\b[^<>]*</gi) ?? []).toEqual([]);
    expect(page.match(/<figure/g)).toHaveLength(2);
    expect(page).toContain('&lt;b&gt;');
    expect(page).toContain('Domain classifier');
    expect(page).not.toMatch(/(?:src|href)="(?:http|\/)/);
    const more = { as: 'evidently', falseAlarms: 0.2, segment: null, slices: false, measures: null };
    await compare(silent, sides, { ...all, ...more, html });
    const second = await readFile(html, 'utf8');
    expect(second).toContain('K-S p_value');
    expect(second).toContain('Limits at which 20 % of healthy tables alarm, by 20 samples of the reference');
  });

  it('writes a page of what stored profiles tell, the worst column first', async () => {
    await tidemark('profile', 'train.csv', '--output', 'train.tmprofile');
    const html = join(folder, 'stored.html');
    const sides = { reference: join(folder, 'train.tmprofile'), current: join(folder, 'live.csv') };
    expect(await compareByProfiles(silent, sides, { ...PLAIN, html })).toBe(3);
    const page = await readFile(html, 'utf8');
    expect(page.match(/<h2>.*?<\/h2>/g)).toEqual(['<h2>x</h2>', '<h2>&lt;b&gt;</h2>']);
    expect(page).toContain('300 and 300 rows, by stored profiles');
    expect(page).toContain('Shares of x before and after');
    expect(page).not.toMatch(/(?:src|href)="(?:http|\/)/);
  });

  it('takes limits, columns, types and measures', async () => {
    const compared = async (...options: string[]): Promise<TableComparison> =>
      JSON.parse((await tidemark('compare', 'train.csv', 'live.csv', '--json', ...options)).out);
    const lenient = ['--limit', 'wasserstein/reference-std@1=99', '--limit', 'js_distance/base2/reference-edges@2=1'];
    expect(await compared('-c', 'x', ...lenient)).toMatchObject({ verdict: 'no_drift', columns: [{ name: 'x' }] });
    const chosen = ['--measures', 't_test/welch@1,energy/reference-std@1', '--adjustment', 'benjamini-yekutieli'];
    expect(await compared('-c', 'x', ...chosen)).toMatchObject({
      verdict: 'drift',
      policy: { measures: ['t_test/welch@1', 'energy/reference-std@1'], adjustment: 'benjamini-yekutieli' },
    });
    const texts = await compared(
      '--type',
      'x=text',
      '--limit',
      'psi/reference-edges@1=9',
      '-m',
      'psi/reference-edges@1',
    );
    expect(texts.columns).toContainEqual(expect.objectContaining({ name: 'x', kind: 'category' }));
    expect(await compared('--min-rows', '5000')).toMatchObject({ verdict: 'insufficient_data' });
  });

  it('takes all of its options together, each with what it does alone', async () => {
    const lines = (moved: number, from: number): string =>
      Array.from({ length: 600 }, (_, i) => {
        const k = from + i;
        const region = ['north', 'south', 'west'][i % 3]!;
        const x = ((k * 7) % 23) + (region === 'south' ? moved : 0);
        return `${x},${'ab'[k % 2]},${(k * 5) % 4},0${k % 9},${(k * 11) % 13},${region}`;
      }).join('\n');
    const header = 'x,plan,code,zip,noise,region';
    await writeFile(join(folder, 'before.csv'), `${header}\n${lines(0, 0)}\n`);
    await writeFile(join(folder, 'after.csv'), `${header}\n${lines(15, 600)}\n`);
    const ask = async (...options: string[]): Promise<TableComparison> => {
      const { code, out, err } = await tidemark('compare', 'before.csv', 'after.csv', '--json', ...options);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return JSON.parse(out) as TableComparison;
    };
    const options = {
      segment: ['--segment', 'region'],
      slices: ['--slices'],
      calibrated: ['--false-alarms', '0.05'],
      categories: ['--categories', 'code'],
      exclude: ['--exclude', 'noise'],
      alpha: ['--alpha', '0.01'],
      weights: ['--weights', 'x=2,plan=0'],
      type: ['--type', 'zip=text'],
      as: ['--as', 'scipy'],
    };
    const found = await ask(...Object.values(options).flat());
    const { columns } = found;
    expect(columns.map(({ name, ...column }) => [name, column['kind']])).toEqual([
      ['x', 'number'],
      ['plan', 'category'],
      ['code', 'category'],
      ['zip', 'category'],
      ['region', 'category'],
    ]);
    expect(found).toMatchObject({
      verdict: 'drift',
      policy: { alpha: 0.01, weights: { x: 2, plan: 0 }, calibration: { false_alarms: 0.05 } },
      schema: { added: [], removed: [], retyped: [] },
      as: { tool: 'scipy' },
    });
    expect(columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name)).toEqual(['x']);
    // The rows that moved are found among all, and their segment alone drifts.
    expect(found.slices?.[0]?.conditions).toMatchObject([{ column: 'region', value: 'south' }]);
    expect(found.segments?.map(({ value, verdict }) => [value, verdict]).sort()).toEqual([
      ['north', 'no_drift'],
      ['south', 'drift'],
      ['west', 'no_drift'],
    ]);
    // Alpha is shared by the segments, and the limits of the whole are not those of a third of the rows.
    expect(found.segments?.map((segment) => segment['alpha'])).toEqual(Array.from({ length: 3 }, () => 0.01 / 3));
    // What a tool says of a column depends on no option but the columns and their types.
    const alone = await ask(...options.as, ...options.type, ...options.categories);
    const said = (of: TableComparison, name: string) => of.as?.columns.find(({ column }) => column === name);
    for (const name of ['x', 'plan', 'code', 'zip']) expect(said(found, name), name).toEqual(said(alone, name));
  });

  it('shows whole rows and what another tool says', async () => {
    const chosen = ['-m', 'domain_classifier/auc@1', '--as', 'nannyml'];
    const { out } = await tidemark('compare', 'train.csv', 'live.csv', ...chosen);
    expect(out).toMatch(/^domain_classifier\/auc@1 +drift +0\.\d+ \(.* x 100 %/m);
    expect(out).toMatch(/^as nannyml 0\.13\.1.*\n.*\nx +jensen_shannon .* yes/m);
  });

  it.each([
    [['-c', 'y'], '"y"'],
    [['--type', 'y=text'], '"y"'],
    [['--type', 'x=date'], '"x"'],
    [['-m', 'welch'], 't_test/welch@1'],
    [['--limit', 'psl=1'], 'is not a measure'],
    [['--limit', 'psi=1'], 'would decide nothing'],
    [['-m', 'mmd'], 'say which'],
    [['--limit', 'psi/reference-edges@1=0.2'], 'would decide nothing'],
    [['--as', 'x'], 'is no tool'],
  ])('refuses %j', async (options, why) => {
    const refused = await tidemark('compare', 'train.csv', 'live.csv', ...options);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining(why) });
  });

  it.each(['wasserstein/reference-std@1=1e999', 'psi'])('takes %s for no limit', async (limit) => {
    expect((await tidemark('compare', 'train.csv', 'live.csv', '--limit', limit)).code).toBe(2);
  });
});

describe('a spark line', () => {
  it('is scaled to the largest share, or to a top that is given', () => {
    expect(sparkLine([0, 0.25, 0.5])).toBe(' ▅█');
    expect(sparkLine([0.25, 0.5], 1)).toBe('▃▅');
    expect(sparkLine([0, 0])).toBe('  ');
  });

  it('keeps its peaks when it is squeezed', () => {
    const shares = Array.from({ length: 64 }, (_, i) => (i === 33 ? 1 : 0));
    expect(sparkLine(shares)).toBe(`${' '.repeat(8)}█${' '.repeat(7)}`);
  });
});
