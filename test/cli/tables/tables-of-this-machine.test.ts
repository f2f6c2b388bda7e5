import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkOutput } from '../../../src/cli/tables/output-file.ts';
import { PACKAGE_ROOT } from '../../../src/root.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-tables-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

function write(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

const rows = (count: number): string => Array.from({ length: count }, (_, i) => `${i},${i % 7}`).join('\n');

/** Runs a line of bash, in which `tidemark` is the command. */
function bash(line: string, input = '') {
  const command = `'${process.execPath}' '${join(PACKAGE_ROOT, 'src', 'cli.ts')}'`;
  const script = `tidemark() { ${command} "$@"; }; ${line}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, input, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

type Profile = {
  name: string;
  profile: { rows: number; columns: { name: string; type: string }[] };
  warnings: object[];
};
const profileOf = ({ out, err }: { out: string; err: string }): Profile => {
  expect(err).toBe('');
  return JSON.parse(out) as Profile;
};

describe('a pipe', () => {
  it('is read like a file, from standard input and from a command', () => {
    const text = `a,b\n${rows(100)}\n`;
    const found = profileOf(bash('tidemark --json profile -', text));
    expect(found).toMatchObject({ name: 'standard input', profile: { rows: 100 } });
    write('t.csv', text);
    expect(profileOf(bash('tidemark --json profile <(cat t.csv)')).profile).toEqual(found.profile);
    const compared = bash('tidemark --json compare t.csv -', text);
    expect(JSON.parse(compared.out)).toMatchObject({ verdict: 'no_drift', current: { rows: 100 } });
  });

  it.each([
    ['tidemark profile -', 'no table', /does not look like a table/],
    ['tidemark profile -', '', /does not look like a table/],
    ['tidemark compare - -', 'a,b\n1,2\n', /can be read once/],
    ['tidemark profile - .', 'a,b\n1,2\n', /a table of its own/],
  ])('is refused where it is none, or not alone: %s of %j', (line, input, message) => {
    expect(bash(line, input)).toMatchObject({ code: 1, err: expect.stringMatching(message) });
  });
});

describe('the page of a result', () => {
  it.each(['missing/page.html', '.'])('is refused before anything is read where it cannot be written: %s', (page) => {
    const refused = { code: 1, out: '', err: expect.stringMatching(/^tidemark: The file cannot be written/) };
    expect(bash(`tidemark profile nothing.csv --html ${page}`)).toMatchObject(refused);
    expect(bash(`tidemark compare nothing.csv nothing.csv --html ${page}`)).toMatchObject(refused);
  });

  it('is left as it is by the look whether it can be written', async () => {
    const old = write('old.html', 'old');
    await checkOutput(old);
    await checkOutput(at('new.html'));
    expect(readFileSync(old, 'utf8')).toBe('old');
    expect(existsSync(at('new.html'))).toBe(false);
  });
});

describe('names of columns on the line', () => {
  it('may have commas, in quotes, and be given in several options', () => {
    write('names.csv', '"a,b",c,"d""e",f\n1,2,3,4\n');
    const names = (line: string) => profileOf(bash(line)).profile.columns.map(({ name }) => name);
    expect(names(`tidemark --json profile names.csv -c '"a,b",c' -c '"d""e"'`)).toEqual(['a,b', 'c', 'd"e']);
    expect(bash(`tidemark profile names.csv -c '"a,b'`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/quotes/),
    });
    expect(bash('tidemark profile names.csv -c c,nothere')).toMatchObject({ code: 1, err: /no column "nothere"/ });
  });
});

describe('a profile on a terminal', () => {
  it('shows times as such, also the most frequent', () => {
    write('times.csv', 'day,at\n2024-05-01,2024-05-01T10:00:00Z\n2024-05-01,2024-05-01T11:00:00Z\n');
    const { out } = bash('tidemark profile times.csv');
    expect(out).toMatch(/^day .*2024-05-01 \S*.*100 %/m);
    expect(out).not.toMatch(/17145\d{8}/);
  });
});

describe('the most frequent values on a terminal', () => {
  it('are shown without the digits that arithmetic left, whole numbers to the last', () => {
    write('prices.csv', 'price,id\n0.055241999999999996,9007199254740991\n0.055241999999999996,9007199254740991\n');
    const { out } = bash('tidemark profile prices.csv');
    expect(out).toMatch(/^price .*0\.055242 100 %/m);
    expect(out).toMatch(/^id .*9007199254740991 100 %/m);
  });
});

describe('a folder', () => {
  it('has the tables that are linked into it, and tells what of it was left out', () => {
    mkdirSync(at('parts'));
    const part = write('elsewhere.csv', `a,b\n${rows(10)}\n`);
    writeFileSync(at('parts/one.csv'), `a,b\n${rows(5)}\n`);
    writeFileSync(at('parts/README.md'), 'what it is');
    writeFileSync(at('parts/.gitignore'), '*.csv');
    symlinkSync(part, at('parts/two.csv'));
    symlinkSync(at('gone.csv'), at('parts/three.csv'));
    const found = profileOf(bash('tidemark --json profile parts'));
    expect(found.profile.rows).toBe(15);
    expect(found.warnings).toEqual([
      { path: 'parts', code: 'left-out-files', count: 2, detail: expect.stringContaining('README.md, three.csv') },
    ]);
    expect(bash('tidemark compare parts parts').err).toContain('README.md, three.csv');
  });

  it('has columns of the keys that its folders are named by, unless they are none', () => {
    for (const year of [2025, 2026]) {
      mkdirSync(at(`keyed/year=${year}`), { recursive: true });
      writeFileSync(at(`keyed/year=${year}/x.csv`), `a,b\n${rows(5)}\n`);
    }
    const namesOf = (options: string) =>
      profileOf(bash(`tidemark --json profile keyed ${options}`)).profile.columns.map(({ name, type }) => [name, type]);
    expect(namesOf('').at(-1)).toEqual(['year', 'int64']);
    expect(namesOf('--type year=text').at(-1)).toEqual(['year', 'text']);
    expect(namesOf('--no-partitions')).toHaveLength(2);
    expect(bash('tidemark profile keyed --relations').out).toMatch(/year/);
    const compared = (options: string) => bash(`tidemark compare keyed keyed --min-rows 5 ${options}`);
    expect(compared('').out).toMatch(/^year +no drift/m);
    expect(compared('--exclude year').out).not.toContain('year');
    expect(compared('--no-partitions').out).not.toContain('year');
  });

  it('is cut where it is said that fields end, whatever else would cut it', () => {
    write('said.csv', `${Array.from({ length: 60 }, (_, i) => `so ${i}; then`).join('\n')}\n`);
    const names = (line: string) => profileOf(bash(`tidemark --json profile said.csv ${line}`)).profile.columns;
    expect(names('--delimiter tab --no-header').map(({ name }) => name)).toEqual(['column_1']);
    expect(names("--delimiter ';' --no-header").map(({ name }) => name)).toEqual(['column_1', 'column_2']);
    expect(bash('tidemark profile said.csv --delimiter :').err).toContain('Give one of "," ";" "|" tab.');
  });

  it('reads numbers with commas where that is said, and says what to say where not', () => {
    write('eu.csv', `preis;ort\n${Array.from({ length: 80 }, (_, i) => `1.${100 + i},5;a${i % 3}`).join('\n')}\n`);
    write('plain.csv', `preis;ort\n${Array.from({ length: 80 }, (_, i) => `1${100 + i}.5;a${i % 3}`).join('\n')}\n`);
    expect(bash('tidemark profile eu.csv').out).toContain('read as text: say decimal "," and thousands "."');
    expect(bash('tidemark profile eu.csv --decimal , --thousands .').out).toMatch(/^preis +float64 +0 +80 +1101 /m);
    expect(bash('tidemark profile eu.csv --decimal ";"')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Give one of "." ","'),
    });
    expect(bash('tidemark profile eu.csv --thousands .').err).toContain('cannot stand both before decimals');
    const { out } = bash('tidemark compare plain.csv eu.csv');
    expect(out).toContain('Its texts look like numbers to a person: say decimal "," and thousands "."');
    bash('tidemark profile plain.csv --output plain.tmprofile');
    expect(bash('tidemark compare plain.tmprofile eu.csv').out).toContain('say decimal "," and thousands "."');
    expect(bash('tidemark compare plain.tmprofile eu.csv --decimal , --thousands .').out).toMatch(/^NO DRIFT/m);
  });
});

describe('dates in other writings', () => {
  it('are read where it is said how, and a column says what to say where not', () => {
    const days = Array.from({ length: 80 }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10));
    const dayFirst = (iso: string) => iso.split('-').reverse().join('/');
    write(
      'dates.csv',
      `born,day,x\n${days.map((day, i) => `${dayFirst(day)},${day.replaceAll('-', '')},${i}`).join('\n')}\n`,
    );
    write('iso.csv', `born,day,x\n${days.map((day, i) => `${day},${day},${i}`).join('\n')}\n`);
    const plain = bash('tidemark profile dates.csv').out;
    expect(plain).toContain('dates to a person, read as text: say dates "day-first"');
    expect(plain).toContain('read as numbers: say dates "day=%Y%m%d"');
    expect(plain).toContain('Say it with --dates');
    const { out } = bash("tidemark profile dates.csv --dates born=day-first --dates 'day=%Y%m%d'");
    expect(out).toMatch(/^born +date +0 +80 +2024-01-01 /m);
    expect(out).toMatch(/^day +date +0 +80 +2024-01-01 /m);
    expect(bash('tidemark profile dates.csv --dates other=day-first').err).toContain('no column "other"');
    expect(bash('tidemark profile dates.csv --dates dd/mm/yyyy').err).toContain('write it as %d/%m/%Y');
    expect(bash('tidemark profile dates.csv --dates day-first --dates x=day-first')).toMatchObject({ code: 2 });
    const compared = (options: string) => bash(`tidemark compare iso.csv dates.csv -c born ${options}`).out;
    expect(compared('')).toContain('Its texts look like dates to a person: say dates "day-first"');
    expect(compared('--dates day-first')).not.toContain('look like dates');
    write('spoilt.csv', `born\n${days.map((day, i) => (i === 7 ? '31/02/2024' : dayFirst(day))).join('\n')}\n`);
    expect(bash('tidemark compare iso.csv spoilt.csv -c born --dates day-first').out).toContain(
      'born (date, but 1 of 80 cells are "31/02/2024")',
    );
  });
});

it('words for no value are said once for all columns', () => {
  write(
    'marks.csv',
    `a,b\n${Array.from({ length: 60 }, (_, i) => `${i % 6 === 0 ? '-' : i},${i % 5 === 0 ? 'n.a.' : i / 2}`).join('\n')}\n`,
  );
  expect(bash('tidemark profile marks.csv').out).toContain('several types, "-" among them');
  const { out } = bash("tidemark profile marks.csv --missing '-,n.a.'");
  expect(out).toMatch(/^a +int64 +17 % +50 /m);
  expect(out).toMatch(/^b +float64 +20 % +48 /m);
});

describe('relations of columns', () => {
  it('are of those that are named, whichever there are besides, and pairs in a few rows come last', () => {
    const width = 80;
    const header = [...Array.from({ length: width }, (_, i) => `k${i}`), 'few', 'rare'].join(',');
    const line = (row: number): string => {
      const cells = Array.from({ length: width }, (_, i) => (i >= width - 2 ? row % 8 : (row * (i + 3)) % 11));
      return [...cells, ...(row < 3 ? [row, row * 2] : ['', ''])].join(',');
    };
    write('wide.csv', `${header}\n${Array.from({ length: 100 }, (_, row) => line(row)).join('\n')}\n`);
    const ran = bash('tidemark profile wide.csv --relations -c few,rare,k78,k79');
    const lines = ran.out.split('\n');
    const pairs = lines.slice(lines.findIndex((text) => text.startsWith('COLUMNS')));
    expect(pairs[0]).toMatch(/^COLUMNS +ROWS +MUTUAL INFORMATION/);
    expect(pairs[1]).toMatch(/^k78, k79 +100 /);
    expect(ran.out).not.toContain('not held against others');
    expect(bash('tidemark profile wide.csv --relations').out).toMatch(/not held against others.*: k60, k61/);
  });
});

describe('a stored profile', () => {
  it('is written, shown, merged and compared with, without the rows', () => {
    write('old.csv', `a,b\n${rows(400)}\n`);
    const made = bash('tidemark profile old.csv --output old.tmprofile --json');
    expect(made).toMatchObject({ code: 0, err: 'The profile is in old.tmprofile.\n' });
    rmSync(at('old.csv'));
    const shown = profileOf(bash('tidemark --json profile old.tmprofile'));
    expect(shown.profile).toEqual((JSON.parse(made.out) as Profile).profile);
    write('new.csv', `a,b\n${rows(300)}\n`);
    expect(profileOf(bash('tidemark --json profile old.tmprofile new.csv')).profile.rows).toBe(700);
    const healthy = bash('tidemark compare old.tmprofile new.csv -c b --exit-code');
    expect(healthy).toMatchObject({ code: 0, out: expect.stringMatching(/by stored profiles\nNO DRIFT/) });
    write('moved.csv', `a,b\n${rows(300).replaceAll(',', ',9')}\n`);
    const moved = bash('tidemark compare old.tmprofile moved.csv -c b --exit-code');
    const idle = bash('tidemark compare old.tmprofile moved.csv -c b --exit-code --weights b=0');
    expect(idle).toMatchObject({ code: 4, out: expect.stringMatching(/Every column has weight 0/) });
    expect(moved).toMatchObject({ code: 3, out: expect.stringMatching(/^b +drift +44\.93 \/ 0\.1 /m) });
  });

  it('is taken away from that of the whole, and what is left is told', () => {
    write('part.csv', `a,b\n${rows(40)}\n`);
    write('all.csv', `a,b\n${rows(40)}\n${rows(10).replaceAll(',', ',5')}\n`);
    bash('tidemark profile part.csv -o part.tmprofile');
    const left = bash('tidemark --json profile all.csv --minus part.tmprofile -c b');
    expect(JSON.parse(left.out)).toMatchObject({
      format: 'tidemark.profile-difference/1',
      rows: 10,
      columns: [{ name: 'b', counts: { finite: 10 }, values: expect.arrayContaining([{ value: 50, count: 2 }]) }],
    });
    expect(bash('tidemark profile all.csv --minus part.tmprofile').out).toMatch(/10 rows.*\n\nCOLUMN .*NOT TO BE HAD/);
    expect(bash('tidemark profile part.csv --minus all.csv')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/is no part of/),
    });
    expect(bash('tidemark profile all.csv --minus part.csv -o x').err).toMatch(/--output and --minus/);
    expect(bash('tidemark profile all.csv --minus part.csv -c nothere').err).toMatch(/no column "nothere"/);
  });

  it('is refused by name for what only rows can tell', () => {
    write('rows.csv', `a,b\n${rows(60)}\n`);
    bash('tidemark profile rows.csv -o rows.tmprofile');
    for (const option of ['--segment b', '--slices', '--as scipy', '--measures psi/reference-edges@1']) {
      const refused = bash(`tidemark compare rows.tmprofile rows.csv ${option}`);
      expect(refused).toMatchObject({
        code: 1,
        err: expect.stringContaining(`${option.split(' ')[0]} looks at the rows`),
      });
    }
    expect(bash('tidemark profile rows.tmprofile --relations').err).toMatch(/--relations looks at rows/);
    expect(bash('tidemark profile rows.csv -o missing/x.tmprofile')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/cannot be written/),
    });
  });
});
