import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseTarget } from '../../src/cli/versions/target.ts';
import { md5Of } from '../support/datasets.ts';
import { type Ran, run, type Stage, startStage } from './tables/against.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
beforeEach(() => {
  stage.requests.length = 0;
});
afterAll(() => stage.close());

const at = (...names: string[]) => join(stage.folder, ...names);
const outOf = (ran: Ran, code = 0) => {
  expect(ran.err).toBe('');
  expect(ran.code).toBe(code);
  return JSON.parse(ran.out) as Record<string, unknown>;
};

/** Names as they come: accents in both forms, blanks, marks that URLs and shells care about. */
const NAMES = [
  'a.csv',
  'caf\u00e9/menu du jour.csv',
  'cafe\u0301.txt',
  '日本/データ.csv',
  'a#b?c%20&d=e+f.txt',
  "it's;x.txt",
];

describe('push and pull', () => {
  it('make what was pushed last the latest, also when it was pushed before', async () => {
    await writeFile(at('back-and-forth.csv'), 'a\n1\n');
    const push = (...more: string[]) => stage.tidemark('push', 'back-and-forth.csv', '-d', 'forth', ...more);
    await push();
    await writeFile(at('back-and-forth.csv'), 'a\n22\n');
    expect((await push()).err).toBe('');
    await writeFile(at('back-and-forth.csv'), 'a\n1\n');
    const back = await push('-m', 'roll back');
    expect([back.out, back.err]).toEqual([expect.stringMatching(/^forth@v3 {2}v1 again/), '']);
    expect((await stage.tidemark('log', 'forth')).out).toMatch(/v3 .*roll back/);
    const again = await push('-m', 'something else');
    expect(again.out).toMatch(/^forth@v3 {2}unchanged/);
    expect(again.err).toContain('tidemark note forth@v3');
    expect(outOf(await push('--json'))).toMatchObject({ ref: 'v3', latest: 'v3', created: false });
  });

  it('note changes what is said of a version', async () => {
    const done = await stage.tidemark('note', 'forth@v1', '-m', 'the first', '-l', 'team=risk', '-l', 'old');
    expect([done.err, done.code, done.out]).toEqual(['', 0, 'forth@v1  the first  by anonymous  team=risk  old\n']);
    const less = await stage.tidemark('note', 'forth@v1', '--unlabel', 'old', '-a', 'Ada', '--git-rev', '0123456');
    expect(less.out).toBe('forth@v1  the first  by Ada  team=risk  0123456\n');
    expect(await stage.tidemark('note', 'forth@v1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--unlabel'),
    });
  });

  it('say where a version came from, and show and find it by that', async () => {
    await writeFile(at('raw.csv'), 'a\n1\n');
    await writeFile(at('clean.csv'), 'a\n2\n');
    await stage.tidemark('push', 'raw.csv', '-d', 'raw');
    await stage.tidemark('push', 'raw.csv', '-d', 'clean', '-l', 'stage=draft');
    const made = ['--parent', 'raw@v1', '--parent', 'v1', '--provenance', 'run=42', '--provenance', 'query=a > 1'];
    const notes = [
      '-m',
      'cleaned',
      '-a',
      'Ada',
      '-l',
      'stage=gold',
      '-l',
      'eu',
      '--git-rev',
      'abcdef0123',
      '-t',
      'good',
    ];
    outOf(await stage.tidemark('push', 'clean.csv', '-d', 'clean', ...made, ...notes, '--json'));
    const known = {
      ref: 'v2',
      author: 'Ada',
      labels: { stage: 'gold', eu: '' },
      git_rev: 'abcdef0123',
      parents: [
        { dataset: 'raw', ref: 'v1' },
        { dataset: 'clean', ref: 'v1' },
      ],
      provenance: { details: { run: '42', query: 'a > 1' } },
    };
    expect(outOf(await stage.tidemark('show', 'clean', '--json'))).toMatchObject(known);
    const shown = (await stage.tidemark('show', 'clean@good')).out;
    for (const line of [
      /^version +clean@v2$/m,
      /^tags +good$/m,
      /^made +20\S+ \S+ by Ada$/m,
      /^content +file clean\.csv, 1 file, 4 B$/m,
      /^health +whole$/m,
      /^labels +(eu, stage=gold|stage=gold, eu)$/m,
      /^git +abcdef0123$/m,
      /^parents +raw@v1, clean@v1$/m,
      /^from details +.*"run":"42"/m,
    ]) {
      expect(shown).toMatch(line);
    }
    const found = async (...filter: string[]) => {
      const items = outOf(await stage.tidemark('log', 'clean', ...filter, '--json'));
      return (items as unknown as { ref: string }[]).map(({ ref }) => ref);
    };
    expect(await found('-l', 'stage=gold', '-l', 'eu')).toEqual(['v2']);
    expect(await found('-l', 'stage')).toEqual(['v2', 'v1']);
    expect(await found('--author', 'Ada')).toEqual(['v2']);
    expect(await found('--git-rev', 'abcdef')).toEqual(['v2']);
    expect(await found('--tag', 'good')).toEqual(['v2']);
    expect((await stage.tidemark('log', 'clean', '-a', 'Ada')).out).toMatch(
      /GIT +LABELS +MESSAGE\n.*abcdef0123 .*gold.* cleaned/,
    );
    expect((await stage.tidemark('log', 'raw')).out).not.toContain('LABELS');
  });

  it('refuse as one object under --json, misuse and names without a version too', async () => {
    for (const [line, exit, code] of [
      [['pull', 'nothing-there'], 1, 'not-found'],
      [['pull', 'one@'], 1, 'bad-request'],
      [['push', 'raw.csv'], 2, 'bad-request'],
    ] as const) {
      const ran = await stage.tidemark(...line, '--json');
      expect([ran.out, ran.code, JSON.parse(ran.err)]).toMatchObject(['', exit, { error: { code, errors: [] } }]);
    }
  });

  it('take no tag that would hide another version', async () => {
    await writeFile(at('hidden.csv'), 'hidden');
    await stage.tidemark('push', 'hidden.csv', '-d', 'hidden');
    await writeFile(at('hidden.csv'), 'other');
    await stage.tidemark('push', 'hidden.csv', '-d', 'hidden');
    const prefix = md5Of('hidden').slice(0, 5);
    const refused = await stage.tidemark('tag', 'hidden@v2', prefix);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('hide v1')]);
    expect((await stage.tidemark('tag', 'hidden@v1', prefix)).code).toBe(0);
    expect((await stage.tidemark('tag', 'hidden@v2', '20261129')).code).toBe(0);
  });

  it('carry a file there and back, byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
    await writeFile(at('table.bin'), bytes);
    const pushed = outOf(
      await stage.tidemark('push', 'table.bin', '-d', 'one', '-m', 'the\n\u001b[31mfirst', '-t', 'prod', '--json'),
    );
    expect(pushed).toMatchObject({ ref: 'v1', oid: md5Of(bytes), files: 1, bytes: 300_000, created: true });
    const again = await stage.tidemark('push', 'table.bin', '-d', 'one');
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/^one@v1 {2}unchanged {2}/) });
    for (const target of ['one', 'one@v1', 'one@prod', `one@${md5Of(bytes)}`]) {
      const pulled = outOf(await stage.tidemark('pull', target, '--to', 'back', '--json'));
      expect(pulled).toMatchObject({ dataset: 'one', ref: 'v1', files: 1, bytes: 300_000, folder: at('back') });
      expect(await readFile(at('back', 'table.bin'))).toEqual(bytes);
    }
    expect(await readdir(at('back'))).toEqual(['table.bin']);
  });

  it('carry a folder with any names, and send nothing of it twice', async () => {
    for (const name of NAMES) {
      await mkdir(join(at('data', name), '..'), { recursive: true });
      await writeFile(at('data', name), `content of ${name}`);
    }
    await writeFile(at('data', 'copy.csv'), `content of ${NAMES[0]}`);
    await writeFile(at('data', 'empty'), '');
    await mkdir(at('data', 'nothing'));
    const first = outOf(await stage.tidemark('push', 'data', '-d', 'folder', '--json'));
    expect(first).toMatchObject({
      ref: 'v1',
      files: NAMES.length + 2,
      created: true,
      oid: expect.stringMatching(/\.dir$/),
    });
    const packs = () => stage.requests.filter((request) => request === 'POST /v1/objects/pack');
    expect(packs()).toHaveLength(1);
    // Equal files are one object.
    expect(first).toMatchObject({ sent: { objects: NAMES.length + 1 } });
    stage.requests.length = 0;
    const again = outOf(await stage.tidemark('push', 'data/', '-d', 'folder', '--json'));
    expect(again).toMatchObject({ ref: 'v1', created: false, oid: first.oid });
    expect(packs()).toEqual([]);
    await writeFile(at('data', 'a.csv'), 'changed');
    const changed = outOf(await stage.tidemark('push', 'data', '-d', 'folder', '--json'));
    expect(changed).toMatchObject({ ref: 'v2', sent: { objects: 1, bytes: 7 } });

    outOf(await stage.tidemark('pull', 'folder@v1', '-o', 'there', '--json'));
    for (const name of NAMES) expect(await readFile(at('there', 'data', name), 'utf8')).toBe(`content of ${name}`);
    expect(await readFile(at('there', 'data', 'empty'), 'utf8')).toBe('');
    expect(await readdir(at('there', 'data'))).not.toContain('nothing');
  });

  it('say who made it, from which commit, and label it', async () => {
    await mkdir(at('noted'));
    await writeFile(at('noted', 'a'), 'a');
    const notes = ['-a', 'Ada', '--git-rev', '0123456789', '-l', 'team=risk', '--json', '--label', 'equation=a=b'];
    for (const path of ['table.bin', 'noted']) {
      expect(outOf(await stage.tidemark('push', '-d', 'noted', ...notes, path))).toMatchObject({
        author: 'Ada',
        git_rev: '0123456789',
        labels: { team: 'risk', equation: 'a=b' },
      });
    }
    const wrong = await stage.tidemark('push', 'noted', '-d', 'noted', '--git-rev', 'main');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('hexadecimal digits of a git commit') });
  });

  it('say what is wrong with the path, and exit with 1', async () => {
    const cases = [
      ['push', 'none.csv', 'There is nothing at none.csv.'],
      ['pull', 'unknown', 'unknown'],
      ['pull', 'one@v9', 'v9'],
    ] as const;
    for (const [verb, what, says] of cases) {
      const ran = await stage.tidemark(verb, what, ...(verb === 'push' ? ['-d', 'x'] : []));
      expect(ran).toMatchObject({ code: 1, out: '' });
      expect(ran.err).toMatch(/^tidemark: /);
      expect(ran.err).toContain(says);
      expect(ran.err).not.toContain('    at ');
    }
  });

  it('push an empty folder as what it is, and say so', async () => {
    await mkdir(at('bare'));
    const ran = await stage.tidemark('push', 'bare', '-d', 'bare', '--json');
    expect(outOf(ran)).toMatchObject({ ref: 'v1', oid: 'd751713988987e9331980363e24189ce.dir', files: 0 });
    const again = await stage.tidemark('push', 'bare', '-d', 'bare');
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/^bare@v1 {2}unchanged/) });
    expect(again.err).toMatch(/^There is no file in \S+bare: this version is empty\.$/m);
    await writeFile(at('bare', 'a'), 'a');
    expect((await stage.tidemark('checkout', 'bare')).code).toBe(0);
    expect(readdirSync(at('bare'))).toEqual([]);
  });

  it('say that a link is no file of the folder, instead of leaving it out', async () => {
    await mkdir(at('linked'));
    await writeFile(at('linked', 'real.csv'), 'a\n1\n');
    await symlink(at('table.bin'), at('linked', 'link.bin'));
    const ran = await stage.tidemark('push', 'linked', '-d', 'linked');
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('link.bin');
    expect(ran.err).toContain('--follow-links');
  });

  it('follow links wherever they lead where that is said, to folders too, but not round', async () => {
    await mkdir(at('elsewhere', 'sub'), { recursive: true });
    await mkdir(at('farm'));
    await writeFile(at('elsewhere', 'sub', 'b.csv'), 'b\n2\n');
    await symlink(at('elsewhere', 'sub', 'b.csv'), at('farm', 'b.csv'));
    await symlink(at('elsewhere'), at('farm', 'more'));
    const pushed = outOf(await stage.tidemark('push', 'farm', '-d', 'farm', '--follow-links', '--json'));
    expect(pushed).toMatchObject({ files: 2, sent: { objects: 1 } });
    const listed = JSON.parse((await stage.tidemark('ls', 'farm', '--json')).out) as { path: string }[];
    expect(listed.map(({ path }) => path)).toEqual(['b.csv', 'more/sub/b.csv']);
    for (const line of [
      ['status', 'farm', 'farm'],
      ['diff', 'farm', 'farm'],
      ['verify', 'farm', 'farm'],
    ]) {
      expect((await stage.tidemark(...line, '--follow-links')).code, line[0]).toBe(0);
      expect((await stage.tidemark(...line)).err, line[0]).toContain('--follow-links');
    }
    await symlink(at('farm'), at('elsewhere', 'round'));
    const round = await stage.tidemark('push', 'farm', '-d', 'farm', '--follow-links');
    expect(round).toMatchObject({ code: 1, err: expect.stringContaining('which it lies in') });
  });

  it('keep a name that leads elsewhere in the address of its dataset', async () => {
    const ran = await stage.tidemark('push', 'table.bin', '-d', '../../keys');
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/dataset/);
    expect(stage.requests).toEqual([]);
  });
});

describe('the diff of two versions', () => {
  it('names what happened to each file, and says what the profiles leave out', async () => {
    await mkdir(at('before', 'sub'), { recursive: true });
    for (const [name, text] of Object.entries({ same: 's', gone: 'g', 'sub/old': 'moved' })) {
      await writeFile(at('before', name), text);
    }
    outOf(await stage.tidemark('push', 'before', '-d', 'compared', '--json'));
    await mkdir(at('after'));
    for (const [name, text] of Object.entries({ same: 's', come: 'c', 'ne\u001b[1mw': 'moved' })) {
      await writeFile(at('after', name), text);
    }
    outOf(await stage.tidemark('push', 'after', '-d', 'compared', '--json'));
    const ran = await stage.tidemark('diff', 'compared@v1', 'compared');
    expect(ran).toMatchObject({ code: 3, err: '' });
    expect(ran.out).toContain('compared@v1 → compared@v2');
    expect(ran.out).toContain('Files: 1 added, 1 removed, 1 renamed, 1 unchanged');
    expect(ran.out).toMatch(/^> {2}sub\/old → ne \[1mw +5 B$/m);
    expect(ran.out).toContain('is still being made');
    const json = outOf(await stage.tidemark('diff', 'compared@v1', 'compared@v2', '--json'), 3);
    expect(json).toMatchObject({ files: { added: { files: 1 } }, content: { state: 'pending' } });
    await writeFile(at('r.csv'), 'id,x\n1,a\n2,b\n4,\n');
    await stage.tidemark('push', 'r.csv', '-d', 'rows-of');
    await writeFile(at('r.csv'), 'id,x\n1,a\n2,B\n3,c\n');
    await stage.tidemark('push', 'r.csv', '-d', 'rows-of');
    const rows = await stage.tidemark('diff', 'rows-of@v1', 'rows-of', '--by', 'id');
    expect(rows.out).toContain('Rows, by id: 1 added, 1 removed, 1 changed, 1 unchanged\n  x differs in 1\n');
    expect(rows.out).toMatch(/^\+ {2}3 *\n- {2}4 *\n~ {2}2 +x: b → B$/m);
    const whole = await stage.tidemark('diff', 'rows-of@v1', 'rows-of', '--rows');
    expect(whole.out).toContain('Rows, whole: 2 added, 2 removed, 0 changed, 1 unchanged');
    const same = await stage.tidemark('diff', 'compared', 'compared@latest');
    expect(same.out).toContain('the same 3 files');
    expect(await stage.tidemark('diff', 'compared@v9', 'compared')).toMatchObject({ code: 1, out: '' });
  });
});

describe('the lineage', () => {
  it('is drawn as a tree from the version that is asked for', async () => {
    await stage.send('POST', '/v1/datasets/root/versions?path=a', 'root');
    await stage.send('POST', '/v1/datasets/left/versions?path=a&parents=root@v1', 'left');
    await stage.send('POST', '/v1/datasets/right/versions?path=a&parents=root@v1', 'right');
    await stage.send('POST', '/v1/datasets/joined/versions?path=a&parents=left@v1,right@v1', 'joined');
    const down = await stage.tidemark('lineage', 'root');
    expect(down).toMatchObject({ code: 0, err: '' });
    expect(down.out.trimEnd().split('\n')).toEqual([
      'root@v1',
      '  → derived  left@v1',
      '    → derived  joined@v1',
      '  → derived  right@v1',
      '    → derived  joined@v1 …',
    ]);
    const middle = await stage.tidemark('lineage', 'left@v1');
    expect(middle.out).toBe('left@v1\n  ← derived  root@v1\n  → derived  joined@v1\n');
    const json = outOf(await stage.tidemark('lineage', 'left', '--direction', 'up', '--json'));
    expect(json).toMatchObject({ edges: [{ relation: 'derived' }], truncated: false });
    for (const line of [[], ['left', '--run', 'x'], ['--run', 'none'], ['--model', 'none@v1']]) {
      const ran = await stage.tidemark('lineage', ...line);
      expect(ran, line.join(' ')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^tidemark: /) });
    }
  });
});

describe('a derived version', () => {
  it('is made of rows or of files', async () => {
    await writeFile(at('rows.csv'), `id,x\n${Array.from({ length: 100 }, (_, i) => `${i},${i % 2}`).join('\n')}\n`);
    outOf(await stage.tidemark('push', 'rows.csv', '-d', 'rows', '--json'));
    const line = [
      'derive',
      'odd',
      '--from',
      'rows',
      '--where',
      'x = 1',
      '--columns',
      'id',
      '--sample',
      '10',
      '--seed',
      '5',
    ];
    const made = outOf(await stage.tidemark(...line, '--json'));
    expect(made).toMatchObject({
      ref: 'v1',
      created: true,
      path: 'rows.parquet',
      message: '10 of 100 rows of rows@v1',
    });
    expect((await stage.tidemark(...line)).out).toMatch(/^odd@v1 {2}unchanged {2}/);
    const test = outOf(await stage.tidemark('derive', 'rest', '-f', 'rows', '--test', '80%', '--by', 'x', '--json'));
    expect(test).toMatchObject({
      provenance: { recipe: { rows: { split: { part: 'test', share: 0.8, seed: 0, by: 'x' } } } },
    });
    for (const [option, value, says] of [
      ['--sample', '200%', '--sample 200% is no part of the rows'],
      ['--sample', '1.5', '--sample 1.5 is no count of rows'],
      ['--train', '80', '--train 80 is no part of the rows'],
      ['--conflict', 'both', "'--conflict <rule>' argument 'both' is invalid"],
    ] as const) {
      const wrong = await stage.tidemark('derive', 'rest', '-f', 'rows', option, value);
      expect(wrong).toMatchObject({ out: '', err: expect.stringContaining(says) });
      expect(wrong.code).not.toBe(0);
    }
    await writeFile(at('recipe.json'), JSON.stringify({ files: { conflict: 'last' } }));
    const both = outOf(
      await stage.tidemark('derive', 'both', '-f', 'rows', '-f', 'odd', '--recipe', 'recipe.json', '--json'),
    );
    expect(both).toMatchObject({ files: 2 });
    const slim = outOf(await stage.tidemark('derive', 'both', '-f', 'v1', '--remove', 'rows.csv', '--json'));
    expect(slim).toMatchObject({ ref: 'v2', files: 1 });
    const [file] = JSON.parse((await stage.tidemark('ls', 'both@v2', '--json')).out) as { md5: string }[];
    const absent = await stage.tidemark('derive', 'both', '-f', 'v2', '--add', `a.csv=${md5Of('never held')}`);
    expect(absent).toMatchObject({ code: 1, err: expect.stringContaining('does not hold') });
    const plus = outOf(
      await stage.tidemark('derive', 'both', '-f', 'v2', '--add', `sub/a=b.csv=${file?.md5}`, '--json'),
    );
    expect(plus).toMatchObject({ ref: 'v3', files: 2 });
    for (const [wrong, says] of [
      [['--add', 'a.csv'], 'write PATH=MD5'],
      [['--where', 'y = 1'], 'no column "y"'],
      [['--where', 'x = 1', '--remove', 'a'], 'are about files'],
      [['--train', '0.8', '--test', '0.8'], 'say --train or --test'],
      [['--sample', 'many'], '"many" is no number'],
      [['--recipe', 'none.json'], 'holds no recipe'],
    ] as const) {
      const ran = await stage.tidemark('derive', 'wrong', '-f', 'rows', ...wrong);
      expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining(says) });
    }
  });
});

describe('log, doctor and what goes wrong', () => {
  it('list versions, newest first', async () => {
    const ran = await stage.tidemark('log', 'one');
    expect(ran.code).toBe(0);
    const lines = ran.out.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(
      /^v1 +prod +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +anonymous +1 +300\.0 kB +whole +[0-9a-f]{32} +the \[31mfirst$/,
    );
    const listed = JSON.parse((await stage.tidemark('log', 'folder', '--json', '-n', '1')).out);
    expect(listed).toEqual([expect.objectContaining({ ref: 'v2' })]);
  });

  it('look at the service the way a client needs it', async () => {
    const ran = await stage.tidemark('doctor', '--json');
    expect(JSON.parse(ran.out)).toEqual(
      ['service', 'clock', 'database', 'remote', 'access'].map((check) => expect.objectContaining({ check, ok: true })),
    );
    expect(ran.code).toBe(0);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(ran.out).toContain(`answers at ${stage.url}, version ${version}"`);
    expect(await stage.tidemark('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const refused = await stage.tidemark('doctor', '--key', 'tmk_wrong');
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/access +TROUBLE +This key is not known/);
    await mkdir(join(stage.folder, 'repo', '.dvc'), { recursive: true });
    const remote = (name: string, url: string, rest = '') => `['remote "${name}"']\n    url = ${url}\n${rest}`;
    await writeFile(
      join(stage.folder, 'repo', '.dvc', 'config'),
      [
        remote('good', `${stage.url}/dvc/default/churn`),
        remote('keyed', `${stage.url}/dvc/default/churn`, '    auth = basic\n    user = me\n'),
        remote('typo', `${stage.url}/dvc/nobody/churn`),
        remote('other', `${stage.url}/churn`),
        remote('deep', `${stage.url}/dvc/default/churn/files/md5`),
        remote('tls', `${stage.url.replace('http:', 'https:')}/dvc/default/churn`),
        remote('aware', `${stage.url}/dvc/default/churn`, '    version_aware = true\n'),
        remote('bucket', 's3://bucket'),
      ].join(''),
    );
    await writeFile(
      join(stage.folder, 'repo', '.dvc', 'config.local'),
      remote('keyed', `${stage.url}/dvc/default/churn`, '    password = tmk_wrong\n'),
    );
    const here = await run(join(stage.folder, 'repo'), stage.url, ['doctor']);
    expect(here.code).toBe(1);
    expect(here.out).toMatch(/^dvc remote good +ok +A DVC remote of the project "default"\. .*"churn"/m);
    expect(here.out).toMatch(/^dvc remote keyed +TROUBLE +http\S+\/dvc\/default\/churn: This key is not known/m);
    expect(here.out).toMatch(/^dvc remote typo +TROUBLE +http\S+\/dvc\/nobody\/churn: There is no project "nobody"/m);
    expect(here.out).toMatch(/^dvc remote other +TROUBLE +\S+: There is nothing at this address/m);
    expect(here.out).toMatch(
      /^dvc remote deep +TROUBLE +\S+: dvc adds files\/md5 by itself; .*\/dvc\/default\/churn$/m,
    );
    expect(here.out).toMatch(
      /^dvc remote tls +TROUBLE +What answers at https:\S+ does not speak HTTPS; is its address http:/m,
    );
    expect(here.out).toMatch(
      /^dvc remote aware +TROUBLE +dvc can do version_aware in buckets .* --unset version_aware$/m,
    );
    expect(here.out).not.toMatch(/s3:|tmk_/);
    const nobody = await run(stage.folder, 'http://127.0.0.1:1', ['doctor']);
    expect(nobody.code).toBe(1);
    expect(nobody.out).toMatch(/service +TROUBLE +No Tidemark service answers at http:\/\/127\.0\.0\.1:1/);
  });

  it('exit with 2 for a line that means nothing, and 0 for help', async () => {
    for (const line of [['push'], ['push', 'a'], ['fly'], ['log', 'one', '-n', 'many'], ['--nonsense']]) {
      const ran = await stage.tidemark(...line);
      expect(ran, line.join(' ')).toMatchObject({ code: 2, out: '' });
      expect(ran.err).not.toContain('    at ');
    }
    const help = await stage.tidemark('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const verb of ['serve', 'worker', 'push', 'pull', 'log', 'diff', 'replay', 'doctor', 'demo'])
      expect(help.out).toContain(verb);
    expect(stage.requests).toEqual([]);
  });

  it('exit with 1 for an address that is none', async () => {
    const ran = await run(stage.folder, 'nowhere', ['log', 'one']);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(/^tidemark: .*nowhere/);
    expect(ran.err).not.toContain('    at ');
  });
});

describe('a service that lies', () => {
  /** Answers as a service would whose version has one file of this name and these bytes. */
  async function pullFrom(path: string, md5: string, bytes: string): Promise<Ran> {
    const server = createServer((request, response) => {
      const [where = ''] = (request.url ?? '').split('?', 1);
      const oid = `${'0'.repeat(32)}.dir`;
      const version = { ref: 'v1', oid, path: 'inner', bytes: bytes.length, sha256_root: '' };
      const listing = { items: [{ path, md5, size: bytes.length }], next: null };
      if (where.endsWith('/files')) response.end(JSON.stringify(listing));
      else if (where.endsWith('/unpack')) response.end(`${md5} ${bytes.length}\n${bytes}end 1\n`);
      else response.end(JSON.stringify(path === 'folder' ? { ...version, path: '../../escape' } : version));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A listening TCP server has an address of this kind.
    const { port } = server.address() as AddressInfo;
    const ran = await run(stage.folder, `http://127.0.0.1:${port}`, ['pull', 'x', '--to', 'lies']);
    server.close();
    return ran;
  }

  it.each(['../evil', '../../evil', '/tmp/evil', 'a/../../../evil', '.', '', 'folder'])(
    'cannot write outside of the folder: %s',
    async (path) => {
      const ran = await pullFrom(path, md5Of('evil'), 'evil');
      expect(ran).toMatchObject({ code: 1, out: '' });
      expect(ran.err).toContain('outside of its folder');
      expect(await readdir(stage.folder)).not.toContain('evil');
      expect(await readdir(stage.folder)).not.toContain('escape');
    },
  );

  it('cannot pass other bytes off: nothing stays behind', async () => {
    const ran = await pullFrom('good.csv', md5Of('what was promised'), 'something else');
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('good.csv arrived with other bytes');
    expect(existsSync(at('lies', 'inner', 'good.csv'))).toBe(false);
  });

  it('is told apart from one that is none', async () => {
    const server = createServer((_, response) => response.end('<h1>It works!</h1>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ran = await run(stage.folder, `http://127.0.0.1:${port}`, ['log', 'x']);
    server.close();
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('is no answer of a Tidemark service') });
  });
});

describe('a target', () => {
  it.each([
    ['census', 'census', 'latest'],
    ['census@v3', 'census', 'v3'],
    ['a@b@c', 'a@b', 'c'],
  ])('%s', (target, dataset, ref) => {
    expect(parseTarget(target)).toEqual({ dataset, ref });
  });
});
