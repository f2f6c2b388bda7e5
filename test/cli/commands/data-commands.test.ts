import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentRoot } from '../../../src/domain/object/content-root.ts';
import { noise } from '../../support/bytes.ts';
import { md5Of, sha256Of } from '../../support/datasets.ts';
import { type Ran, run, type Stage, startStage } from '../tables/against.ts';

/** A folder that goes on changing beside its versions. Each test begins with a dataset of its own. */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ index: true });
});
afterAll(() => stage.close());

const at = (...names: string[]) => join(stage.folder, ...names);
const json = (ran: Ran, code = 0) => {
  expect(ran.err).toBe('');
  expect(ran.code).toBe(code);
  return JSON.parse(ran.out);
};
const tidemark = async (...line: string[]) => json(await stage.tidemark(...line, '--json'));
const differs = async (...line: string[]) => json(await stage.tidemark(...line, '--json'), 3);

const FILES = { 'a.csv': 'x\n1\n', 'sub/b.csv': 'y\n2\n', 'sub/deep/c': 'ccc' };

async function pushed(name: string, files: Readonly<Record<string, string | Uint8Array>> = FILES) {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(at(name), path, '..'), { recursive: true });
    await writeFile(join(at(name), path), bytes);
  }
  return tidemark('push', name, '-d', name);
}

describe('status and diff', () => {
  it('say how a folder stands to a version, and tell it by their exit code', async () => {
    await pushed('work');
    expect(await tidemark('diff', 'work', 'work')).toMatchObject({ added: [], changed: [], removed: [], same: 3 });
    await writeFile(at('work', 'a.csv'), 'x\n9\n');
    await writeFile(at('work', 'new'), 'new');
    await rename(at('work', 'sub', 'b.csv'), at('work', 'renamed.csv'));
    await rm(at('work', 'sub', 'deep'), { recursive: true });
    expect(await differs('diff', 'work', 'work@v1')).toMatchObject({
      target: 'work@v1',
      added: ['new'],
      changed: ['a.csv'],
      removed: ['sub/deep/c'],
      renamed: [{ from: 'sub/b.csv', to: 'renamed.csv' }],
      same: 0,
    });
    const shown = await stage.tidemark('diff', 'work', 'work');
    expect(shown.out.trim().split('\n')).toEqual(['A  new', 'M  a.csv', 'D  sub/deep/c', 'R  sub/b.csv → renamed.csv']);
    expect(await differs('status', 'work', 'work')).toMatchObject({
      added: 1,
      changed: 1,
      removed: 1,
      renamed: 1,
      to_send: { objects: 2, bytes: 7 },
    });
    await tidemark('push', 'work', '-d', 'work');
    expect(await tidemark('status', 'work', 'work')).toMatchObject({ target: 'work@v2', to_send: { objects: 0 } });
  });

  it('say of names what befalls them on other machines', async () => {
    await mkdir(at('odd'));
    for (const name of ['CON', 'fine.csv', 'dot.']) await writeFile(at('odd', name), name);
    const pushing = await stage.tidemark('push', 'odd', '-d', 'odd');
    expect([pushing.code, pushing.err]).toEqual([
      0,
      expect.stringContaining('CON names a device on Windows (and 1 more'),
    ]);
    const listed = await stage.tidemark('ls', 'odd');
    expect(listed.out).toMatch(/CON +names a device on Windows$/m);
    expect(listed.out).toMatch(/dot\. +ends in a dot or blank, .*$/m);
    expect(listed.out).toMatch(/fine\.csv *$/m);
    const files = await stage.send('GET', '/v1/datasets/odd/versions/v1/files');
    expect(
      (files.body.items as { path: string; warning?: string }[]).map(({ path, warning }) => [path, warning]),
    ).toEqual([
      ['CON', expect.stringContaining('device')],
      ['dot.', expect.stringContaining('dot')],
      ['fine.csv', undefined],
    ]);
  });

  it('compare a file with a version of one file, whatever it is called here', async () => {
    await writeFile(at('one.csv'), 'a\n1\n');
    await tidemark('push', 'one.csv', '-d', 'one');
    await rename(at('one.csv'), at('uno.csv'));
    expect(await tidemark('diff', 'uno.csv', 'one')).toMatchObject({ same: 1 });
    await writeFile(at('uno.csv'), 'a\n2\n');
    expect(await differs('diff', 'uno.csv', 'one')).toMatchObject({ changed: ['one.csv'] });
    const odd = await stage.tidemark('diff', 'uno.csv', 'work');
    expect(odd).toMatchObject({ code: 1, err: expect.stringContaining('is a file, work@v') });
    expect(await stage.tidemark('status', 'uno.csv')).toMatchObject({ code: 1, out: '' });
  });
});

describe('checkout', () => {
  it('makes a folder what the version is, and takes the rest away', async () => {
    await pushed('tree');
    await rm(at('tree', 'sub'), { recursive: true });
    await writeFile(at('tree', 'a.csv'), 'second');
    await mkdir(at('tree', 'late', 'empty'), { recursive: true });
    await writeFile(at('tree', 'late', 'z'), 'z');
    await tidemark('push', 'tree', '-d', 'tree');
    const first = await tidemark('checkout', 'tree@v1');
    expect(first).toMatchObject({ ref: 'v1', files: 3, fetched: 3, removed: 1 });
    expect(await tidemark('diff', 'tree', 'tree@v1')).toMatchObject({ same: 3 });
    expect(existsSync(at('tree', 'late', 'z'))).toBe(false);
    expect(await tidemark('checkout', 'tree@v2')).toMatchObject({ removed: 2 });
    expect(existsSync(at('tree', 'sub'))).toBe(false);
  });

  it('takes nothing away that nobody else has, unless it is told to', async () => {
    await pushed('own');
    await writeFile(at('own', 'mine'), 'nobody else has this');
    const refused = await stage.tidemark('checkout', 'own');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain(at('own', 'mine'));
    expect(await readFile(at('own', 'mine'), 'utf8')).toBe('nobody else has this');
    expect(await tidemark('checkout', 'own', '--force')).toMatchObject({ removed: 1, fetched: 0 });
    expect(existsSync(at('own', 'mine'))).toBe(false);
  });
});

describe('verify', () => {
  const rootOf = (files: Readonly<Record<string, string>>) =>
    contentRoot(Object.entries(files).map(([path, text]) => ({ path, sha256: sha256Of(text) })));

  it('proves a version, and a copy of it, by one SHA-256', async () => {
    await pushed('proved');
    const root = rootOf(FILES);
    expect(await tidemark('verify', 'proved')).toMatchObject({ agrees: true, root, expected: root, wrong: [] });
    expect(await tidemark('verify', 'proved', 'proved')).toMatchObject({ agrees: true, root });
    expect(await tidemark('verify', 'proved', '--root', root)).toMatchObject({ agrees: true });
    expect(await differs('verify', 'proved', '--root', '0'.repeat(64))).toMatchObject({ agrees: false, wrong: [] });
    await writeFile(at('proved', 'a.csv'), 'x\n2\n');
    await rm(at('proved', 'sub', 'b.csv'));
    await writeFile(at('proved', 'more'), '');
    expect(await differs('verify', 'proved', 'proved')).toMatchObject({
      agrees: false,
      wrong: [
        { path: 'a.csv', what: 'wrong' },
        { path: 'sub/b.csv', what: 'missing' },
        { path: 'more', what: 'extra' },
      ],
    });
  });

  it('says where a version lies that was pulled into a folder', async () => {
    await pushed('inner');
    await tidemark('pull', 'inner', '--to', 'outer');
    const missed = await stage.tidemark('verify', 'inner', 'outer');
    expect(missed).toMatchObject({
      code: 3,
      out: expect.stringContaining(`verify inner@v1 ${join('outer', 'inner')}`),
    });
    expect(await tidemark('verify', 'inner', join('outer', 'inner'))).toMatchObject({ agrees: true });
    await writeFile(at('outer', 'inner', 'a.csv'), 'x\n2\n');
    const wrong = await stage.tidemark('verify', 'inner', join('outer', 'inner'));
    expect([wrong.code, wrong.out]).toEqual([3, expect.not.stringContaining('to check that')]);
  });

  it('reads large files too, and twins once', async () => {
    const large = noise(2 * 1024 ** 2, 8);
    await pushed('heavy', { large, twin: large, small: 's' });
    expect(await tidemark('verify', 'heavy')).toMatchObject({ agrees: true });
  });

  it('fails where the service has lost bytes', async () => {
    await pushed('rotten', { a: 'will rot here' });
    stage.remote.objects.set(md5Of('will rot here'), Buffer.from('will rot herE'));
    const ran = await stage.tidemark('verify', 'rotten');
    expect(ran).toMatchObject({ code: 1, out: '' });
  });
});

describe('ls, du and tag', () => {
  it('list what is there', async () => {
    await pushed('listed', { ...FILES, 'twin.csv': 'x\n1\n' });
    expect(await tidemark('ls')).toContainEqual(expect.objectContaining({ name: 'listed' }));
    const files = await tidemark('ls', 'listed');
    expect(files.map(({ path }: { path: string }) => path)).toEqual(['a.csv', 'sub/b.csv', 'sub/deep/c', 'twin.csv']);
    expect(await tidemark('du', 'listed')).toMatchObject({
      files: 4,
      bytes: 15,
      unique: { objects: 3, bytes: 11 },
      folders: [
        { folder: '.', files: 2, bytes: 8 },
        { folder: 'sub', files: 2, bytes: 7 },
      ],
    });
    const shown = await stage.tidemark('du', 'listed');
    expect(shown.out).toMatch(/15 B +4 +\(all\)\n11 B +3 +\(different\)/);
  });

  it('point tags at versions', async () => {
    await pushed('tagged');
    await writeFile(at('tagged', 'a.csv'), 'other');
    await tidemark('push', 'tagged', '-d', 'tagged', '-t', 'fresh');
    expect(await tidemark('tag', 'tagged@v1', 'prod')).toMatchObject({ name: 'prod', ref: 'v1' });
    expect(await tidemark('tag', 'tagged')).toMatchObject([
      { name: 'fresh', ref: 'v2' },
      { name: 'prod', ref: 'v1' },
    ]);
    await tidemark('tag', 'tagged', 'fresh', '--delete');
    expect(await tidemark('tag', 'tagged')).toMatchObject([{ name: 'prod' }]);
    expect(await stage.tidemark('tag', 'tagged', 'fresh', '-D')).toMatchObject({ code: 1, out: '' });
    expect(await tidemark('tag', 'tagged@v1', 'release', '--fixed')).toMatchObject({ ref: 'v1', fixed: true });
    for (const line of [['release'], ['release', '-D']]) {
      const refused = await stage.tidemark('tag', 'tagged', ...line);
      expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('is fixed') });
    }
    expect((await stage.tidemark('tag', 'tagged')).out).toMatch(
      /^release +v1 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +fixed$/m,
    );
    await tidemark('tag', 'tagged', 'release', '--delete', '--fixed');
  });
});

describe('.dvc files', () => {
  it('are written beside what is pushed, and pulled by', async () => {
    await pushed('pointed');
    const made = await tidemark('push', 'pointed', '-d', 'pointed', '--dvc');
    const text = await readFile(at('pointed.dvc'), 'utf8');
    expect(text).toBe(`outs:\n- md5: ${made.oid}\n  size: 11\n  nfiles: 3\n  hash: md5\n  path: pointed\n`);
    expect(await tidemark('status', 'pointed')).toMatchObject({ target: 'pointed.dvc', same: 3 });
    await mkdir(at('clone'));
    await writeFile(at('clone', 'pointed.dvc'), text);
    expect(await tidemark('pull', 'clone/pointed.dvc')).toMatchObject({ files: 3, folder: at('clone', 'pointed') });
    expect(await readFile(at('clone', 'pointed', 'sub', 'deep', 'c'), 'utf8')).toBe('ccc');
    expect(await tidemark('verify', 'clone/pointed.dvc', 'clone/pointed')).toMatchObject({ agrees: true });
  });

  it('keep what people wrote into them', async () => {
    await writeFile(at('noted.csv'), 'a\n1\n');
    await tidemark('push', 'noted.csv', '-d', 'noted', '--dvc');
    const first = await readFile(at('noted.csv.dvc'), 'utf8');
    await writeFile(at('noted.csv.dvc'), `# from the archive\n${first}  desc: the first year\nmeta:\n  owner: me\n`);
    await writeFile(at('noted.csv'), 'a\n1\n22\n');
    await tidemark('push', 'noted.csv', '-d', 'noted', '--dvc');
    const md5 = md5Of('a\n1\n22\n');
    expect(await readFile(at('noted.csv.dvc'), 'utf8')).toBe(
      `# from the archive\nouts:\n- md5: ${md5}\n  size: 7\n  hash: md5\n  path: noted.csv\n  desc: the first year\nmeta:\n  owner: me\n`,
    );
    expect(await tidemark('pull', 'noted.csv.dvc', '--to', 'elsewhere')).toMatchObject({ oid: md5, fetched: 1 });
  });

  it('say that a file can be executed, and it can where it is pulled by them', async () => {
    await writeFile(at('run.sh'), '#!/bin/sh\necho run\n', { mode: 0o755 });
    await tidemark('push', 'run.sh', '-d', 'script', '--dvc');
    expect(await readFile(at('run.sh.dvc'), 'utf8')).toContain('  size: 19\n  isexec: true\n  hash: md5\n');
    const modeOf = async () => (await stat(at('bin', 'run.sh'))).mode & 0o100;
    for (const [command, target] of [
      ['pull', 'run.sh.dvc'],
      ['checkout', 'run.sh.dvc'],
      ['pull', 'script@v1'],
    ] as const) {
      await tidemark(command, target, '--to', 'bin');
      expect(await modeOf()).toBe(0o100);
      // Also of a file that lies there whole, without it.
      await chmod(at('bin', 'run.sh'), 0o644);
    }
    await chmod(at('run.sh'), 0o644);
    await tidemark('push', 'run.sh', '-d', 'script', '--dvc');
    expect(await readFile(at('run.sh.dvc'), 'utf8')).not.toContain('isexec');
  });

  it('of another kind are left alone', async () => {
    await writeFile(at('two.csv'), 'a\n');
    const outs = `outs:\n- md5: ${md5Of('x')}\n  hash: md5\n  path: two.csv\n`;
    const imported = `frozen: true\ndeps:\n- md5: ${md5Of('x')}\n  hash: md5\n  path: /away/src.csv\n${outs}`;
    for (const text of [outs.replace('two', 'other'), imported]) {
      await writeFile(at('two.csv.dvc'), text);
      stage.requests.length = 0;
      const ran = await stage.tidemark('push', 'two.csv', '-d', 'two', '--dvc');
      expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('two.csv.dvc cannot be rewritten') });
      expect(await readFile(at('two.csv.dvc'), 'utf8')).toBe(text);
      expect(stage.requests).toEqual([]);
    }
  });

  it('of several outputs, and a dvc.lock, are pulled too', async () => {
    const folder = await pushed('lockdata');
    await writeFile(at('lock.csv'), 'n\n1\n');
    const file = await tidemark('push', 'lock.csv', '-d', 'lockfile');
    const entry = (path: string, oid: string) => `    - path: ${path}\n      hash: md5\n      md5: ${oid}\n`;
    await mkdir(at('repo', '.dvc'), { recursive: true });
    await writeFile(
      at('repo', 'dvc.lock'),
      `schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs:\n${entry('made/d', folder.oid)}${entry('made.csv', file.oid)}`,
    );
    await writeFile(at('repo', 'more.csv.dvc'), `outs:\n- md5: ${file.oid}\n  hash: md5\n  path: more.csv\n`);
    const two = await stage.tidemark('pull', 'repo/dvc.lock', 'repo/more.csv.dvc', '--json');
    expect(two.err).toBe('');
    const results = two.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(results).toMatchObject([
      { oid: folder.oid, files: 3, fetched: 3, folder: at('repo', 'made', 'd') },
      { oid: file.oid, fetched: 1, cached: 0 },
      { oid: file.oid, fetched: 0, cached: 1 },
    ]);
    expect(await readFile(at('repo', 'more.csv'), 'utf8')).toBe('n\n1\n');
    expect(await tidemark('status', 'repo/made/d', 'repo/dvc.lock')).toMatchObject({
      target: 'dvc.lock:made/d',
      same: 3,
    });
    const which = await stage.tidemark('ls', 'repo/dvc.lock');
    expect(which).toMatchObject({ code: 1, err: expect.stringContaining('2 outputs (made/d, made.csv)') });
  });

  it('of a repository are all pulled where none is named', async () => {
    await writeFile(at('repo', 'lost.dvc'), `outs:\n- md5: ${md5Of('lost')}\n  size: 4\n  hash: md5\n  path: lost\n`);
    await rm(at('repo', 'more.csv'));
    const all = await run(at('repo'), stage.url, ['pull', '--json']);
    expect(all).toMatchObject({ code: 1, err: expect.stringMatching(/1 of 3 were not pulled:\\n {2}lost\.dvc: /) });
    expect(await readFile(at('repo', 'more.csv'), 'utf8')).toBe('n\n1\n');
  });

  it('of a repository are compared although one of them cannot be', async () => {
    await writeFile(at('repo', 'later.dvc'), 'outs:\n- hash: md5\n  path: later\n');
    const all = await run(at('repo'), stage.url, ['status']);
    await rm(at('repo', 'later.dvc'));
    expect(all).toMatchObject({ code: 1, err: expect.stringContaining('later.dvc: ') });
    expect(all.out).toMatch(/^more\.csv\.dvc {2}0 added/m);
  });

  it('of a repository are all compared where none is named', async () => {
    const all = await run(at('repo'), stage.url, ['status']);
    expect(all.code).toBe(3);
    expect(all.out).toMatch(/^more\.csv\.dvc {2}0 added, 0 changed, 0 removed, 0 renamed, 1 same/m);
    expect(all.out).toMatch(/^dvc\.lock:made\/d {2}.* 3 same/m);
    expect(all.out).toMatch(/^lost\.dvc {2}0 added, 0 changed, 1 removed/m);
    expect(await tidemark('status', 'repo/more.csv.dvc')).toMatchObject({ target: 'more.csv.dvc', same: 1 });
    const unheld = `outs:\n- md5: ${md5Of('unheld')}.dir\n  size: 4\n  hash: md5\n  path: unheld\n`;
    await writeFile(at('repo', 'unheld.dvc'), unheld);
    const one = await stage.tidemark('status', 'repo/unheld.dvc');
    expect(one).toMatchObject({ code: 3, out: expect.stringContaining('the project does not hold repo/unheld; push') });
    await rm(at('repo', 'unheld.dvc'));
    expect((await stage.tidemark('status')).err).toContain('Say what to look at: there is no .dvc file');
  });

  it('of DVC 2 name data by other digests, and are pulled too', async () => {
    const [windows, unix] = ['a\r\n1\r\n', 'a\n1\n'];
    const manifest = JSON.stringify([{ md5: md5Of(unix), relpath: 't.csv' }])
      .replaceAll(':', ': ')
      .replaceAll(',', ', ');
    const folder = `${md5Of(manifest)}.dir`;
    for (const [oid, bytes] of [
      [md5Of(unix), windows],
      [folder, manifest],
    ] as const) {
      const sent = await stage.send('PUT', `/dvc/default/${oid.slice(0, 2)}/${oid.slice(2)}`, bytes);
      expect(sent.status).toBe(201);
    }
    await mkdir(at('dvc2', '.dvc'), { recursive: true });
    await writeFile(
      at('dvc2', 'old.dvc'),
      `outs:\n- md5: ${folder}\n  path: old\n- md5: ${md5Of(unix)}\n  path: one.csv\n`,
    );
    const ran = await stage.tidemark('pull', 'dvc2/old.dvc');
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(await readFile(at('dvc2', 'old', 't.csv'), 'utf8')).toBe(windows);
    expect(await readFile(at('dvc2', 'one.csv'), 'utf8')).toBe(windows);
    expect(existsSync(at('dvc2', '.dvc', 'cache'))).toBe(false);
  });
});

describe('compare and profile', () => {
  const csv = (shift: number) =>
    `x,plan\n${Array.from({ length: 300 }, (_, i) => `${Math.sin(i * 12.9898) + shift},${i % 3 === 0 ? 'pro' : 'basic'}`).join('\n')}\n`;

  it('take versions of the service where a name is no path, and leave nothing behind', async () => {
    await pushed('judged', { 'train.csv': csv(0), 'notes/README.md': 'no table' });
    await writeFile(at('judged', 'train.csv'), csv(2));
    await tidemark('push', 'judged', '-d', 'judged');
    const found = await tidemark('compare', 'judged@v1', 'judged@v2');
    expect(found).toMatchObject({
      verdict: 'drift',
      reference: { name: 'judged@v1', rows: 300, files: [{ path: 'train.csv' }] },
      current: { name: 'judged@v2', rows: 300 },
    });
    const mixed = await tidemark('compare', 'judged@v1', 'judged/train.csv');
    expect(mixed).toMatchObject({ verdict: 'drift', current: { name: 'judged/train.csv' } });
    expect(await tidemark('profile', 'judged@v1')).toMatchObject({ name: 'judged@v1', profile: { rows: 300 } });
  });

  it('say what a name is not', async () => {
    await pushed('no-table', { 'notes.md': 'text' });
    expect((await stage.tidemark('compare', 'no-table@v1', 'no-table@v1')).err).toMatch(
      /No file of no-table@v1 ends with/,
    );
    expect((await stage.tidemark('profile', 'nowhere.csv')).err).toMatch(/nothing at nowhere\.csv, and as a version/);
  });
});

describe('dataset', () => {
  it('shows how a dataset is read, says it anew, and tables of its versions are read so here too', async () => {
    await writeFile(at('eu.csv'), 'preis;ort\n1.829,02;a\n-3,5;b\n');
    await tidemark('push', 'eu.csv', '-d', 'eu');
    expect((await stage.tidemark('dataset', 'eu')).out).toBe(
      'eu  decimal "."  thousands nothing  dates as ISO 8601  partitions are columns\n',
    );
    const typeOf = async (...options: string[]) => {
      const { profile } = await tidemark('profile', 'eu@v1', ...options);
      return profile.columns[0].type;
    };
    expect(await typeOf()).toBe('text');
    expect((await stage.tidemark('dataset', 'eu', '--decimal', ',', '--thousands', '.')).out).toBe(
      'eu  decimal ","  thousands "."  dates as ISO 8601  partitions are columns\nread again  v1\n',
    );
    expect(await typeOf()).toBe('float64');
    expect(await typeOf('--decimal', '.', '--thousands', ',')).toBe('text');
    expect(await stage.tidemark('dataset', 'eu', '--thousands', '.')).toMatchObject({
      code: 1,
      err: expect.stringContaining('thousands'),
    });
    const without = await tidemark('dataset', 'eu', '--no-partitions');
    expect(without).toMatchObject({ reading: { partitions: false }, reread: ['v1'], kept: [] });
    const dated = await stage.tidemark('dataset', 'eu', '--dates', 'ort=day-first', '--dates', 'preis=%d.%m.%Y');
    expect(dated.out).toContain('dates ort=day-first, preis=%d.%m.%Y');
    expect((await stage.tidemark('dataset', 'eu', '--missing', '-,n.a.')).out).toContain('missing -, n.a.');
    expect((await stage.tidemark('dataset', 'eu', '--dates', '%Y%m%d')).err).toContain('say it of those');
    await tidemark('dataset', 'eu', '--no-partitions');
    expect((await stage.tidemark('dataset', 'eu', '--rename', 'europe')).out).toBe(
      'europe  decimal "."  thousands nothing  dates as ISO 8601  no partitions  found as eu too\n',
    );
    expect(await tidemark('dataset', 'eu')).toMatchObject({ name: 'europe', former_names: ['eu'] });
  });
});
