import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { createApi } from './api.ts';
import { contentsOf, DVC, type DvcUser, type Files, forget, writeFiles } from './dvc-command.ts';
import { copyPointers, type DvcStage, openDvcStage, REMOTE_KINDS } from './dvc-stage.ts';
import { ROOT, runShell, until } from './service.ts';

/** The `dvc` command, as it is, on the service's own address, wherever the service keeps its objects. */
if (DVC === undefined) console.warn('DVC is not set: the remote is not used with the dvc command.');

const AWKWARD: Files = {
  'rows.csv': 'a,b\n1,2\n3,4\n',
  'sub folder/more.csv': 'a,b\n5,6\n',
  'sub folder/deep/er/übung ü.txt': 'named with two kinds of ü\n',
  'empty.txt': '',
  'e\u0301 and é': 'one name in two forms would be refused; these differ\n',
  '😀 ～.bin': 'astral\n',
  "quotes ' and #hash & %25 100%.txt": 'percent\n',
  'crlf.txt': 'a\r\nb\r\n',
  '-dash': 'x\n',
};

const md5Of = (text: string | Buffer): string => createHash('md5').update(text).digest('hex');

describe.skipIf(DVC === undefined).each(REMOTE_KINDS)('dvc over HTTP, a %s remote (skipped without DVC)', (kind) => {
  let stage: DvcStage;
  let url: string;
  let ann: DvcUser;
  let bob: DvcUser;

  beforeAll(async () => {
    stage = await openDvcStage(kind);
    ({ ann, bob } = stage);
    url = stage.service().url;
  });
  afterAll(() => stage.end());

  test('push, status, and pull elsewhere bring every byte under every name', () => {
    const work = stage.workspace(ann, 'awkward');
    writeFiles(join(work, 'data'), AWKWARD);
    writeFiles(work, { 'one.csv': 'x\n1\n' });
    ann.run(work, 'add', 'data', 'one.csv');
    expect(ann.run(work, 'status', '--cloud', '--json')).toContain('new');
    expect(ann.run(work, 'push')).toContain(`${Object.keys(AWKWARD).length + 2} files pushed`);
    expect(JSON.parse(ann.run(work, 'status', '--cloud', '--json'))).toEqual({});
    expect(ann.run(work, 'push')).toContain('Everything is up to date');

    const theirs = stage.workspace(bob, 'awkward');
    copyPointers(work, theirs);
    expect(bob.run(theirs, 'fetch')).toContain('files fetched');
    bob.run(theirs, 'pull');
    expect(contentsOf(join(theirs, 'data'))).toEqual(AWKWARD);
    expect(readFileSync(join(theirs, 'one.csv'), 'utf8')).toBe('x\n1\n');
    expect(JSON.parse(bob.run(theirs, 'status', '--json'))).toEqual({});

    // Past the service, where it put them.
    const direct = bob.workspace('direct');
    configure(direct, 'storage', [stage.storageSection('storage')]);
    copyPointers(work, direct);
    bob.run(direct, 'pull');
    expect(contentsOf(join(direct, 'data'))).toEqual(AWKWARD);
  });

  test('the remote of a whole project takes and gives as well, by PUT too', () => {
    const work = ann.workspace('project');
    ann.run(work, 'remote', 'add', '--default', 'tm', `${url}/dvc/default`);
    ann.run(work, 'remote', 'modify', 'tm', 'method', 'PUT');
    writeFiles(join(work, 'data'), { a: 'in the project', b: 'too' });
    ann.run(work, 'add', 'data');
    expect(ann.run(work, 'push')).toContain('3 files pushed');
    forget(work, 'data');
    ann.run(work, 'pull');
    expect(contentsOf(join(work, 'data'))).toEqual({ a: 'in the project', b: 'too' });
  });

  test('a push is a version with statistics, which a pointer gives its name', async () => {
    const work = stage.workspace(ann, 'versions');
    writeFiles(join(work, 'data'), { 'a.csv': 'id,v\n1,10\n', 'b.csv': 'id,v\n2,20\n' });
    ann.run(work, 'add', 'data');
    ann.run(work, 'push');
    const api = createApi(url);
    type Profile = { readonly state: string; readonly profile: { readonly rows: number } };
    const ready = (ref: string) =>
      until(`the statistics of ${ref}`, async () => {
        await stage.settle();
        // The version is not there at once.
        const found = await api.get<Profile>(`/v1/datasets/versions/versions/${ref}/profile`).catch(() => null);
        return found?.state === 'ready' ? found.profile.rows : null;
      });
    expect(await ready('v1')).toBe(2);
    writeFiles(join(work, 'data'), { 'c.csv': 'id,v\n3,30\n' });
    ann.run(work, 'add', 'data');
    ann.run(work, 'push');
    expect(await ready('v2')).toBe(3);
    expect((await api.get('/v1/datasets/versions/pushes')).items).toMatchObject([
      { state: 'settled', versions: ['v2'], objects: { new: 2, held: 2 } },
      { state: 'settled', versions: ['v1'], objects: { new: 3, held: 0 } },
    ]);
    const pointer = readFileSync(join(work, 'data.dvc'), 'utf8');
    const named = await api.post('/v1/datasets/versions/versions', { pointer });
    expect(named).toMatchObject({ ref: 'v2', path: 'data', pointer });
  });

  const api = () => createApi(url);
  const versionsOf = (dataset: string): Promise<string[]> =>
    api()
      .get<{ items: { oid: string }[] }>(`/v1/datasets/${dataset}/versions`)
      .then(
        ({ items }) => items.map(({ oid }) => oid).sort(),
        () => [],
      );
  const becomes = (dataset: string, oids: readonly string[]) =>
    until(`the versions of ${dataset}`, async () => {
      await stage.settle();
      return (await versionsOf(dataset)).join() === oids.toSorted().join() ? true : null;
    });

  /** Gives a working folder remotes, and one of them as its default. */
  const configure = (work: string, remote: string, sections: readonly string[]): void =>
    appendFileSync(join(work, '.dvc', 'config'), `    remote = ${remote}\n${sections.join('')}`);

  /** A working folder with a remote for each of some datasets, called by its name, and one for the storage itself. */
  function workspaceOf(user: DvcUser, name: string, datasets: readonly string[]): string {
    const work = user.workspace(name);
    const own = datasets.map((it) => `['remote "${it}"']\n    url = ${stage.remoteOf(it)}\n`);
    configure(work, datasets[0] ?? '', [...own, stage.storageSection('storage')]);
    return work;
  }

  const oidOf = (pointer: string): string => /md5: (\S+)/.exec(readFileSync(pointer, 'utf8'))?.[1] ?? '';

  test('what the project holds already becomes versions of the dataset that it is pushed to', async () => {
    const work = workspaceOf(ann, 'held', ['adopted', 'by-itself', 'beside']);
    writeFiles(work, { 'e/q.csv': 'q\n1\n', 'e/r.csv': 'r\n1\n', 'one.csv': 'one\n1\n' });
    ann.run(work, 'add', 'e', 'one.csv');
    const [folder, one] = [oidOf(join(work, 'e.dvc')), md5Of('one\n1\n')];
    // What dvc keeps in the storage by itself is found by a scan, and is a version of nothing.
    ann.run(work, 'push', '--remote', 'storage');
    await stage.wake();
    const scan = await api().post<{ id: string }>('/v1/remote/scan', {});
    await until('the scan', async () =>
      (await api().get(`/v1/remote/runs/${scan.id}`)).state === 'done' ? true : null,
    );
    expect(ann.run(work, 'status', '--cloud', '--json')).toContain('one.csv');
    expect(await versionsOf('adopted')).toEqual([]);
    // The files of the folder are not sent again.
    expect(ann.run(work, 'push')).toContain('2 files pushed');
    await becomes('adopted', [folder, one]);
    expect(ann.run(work, 'push')).toContain('Everything is up to date');

    // A file of that folder by itself, and beside a new folder that does not list it.
    for (const pointer of ['e.dvc', 'one.csv.dvc']) rmSync(join(work, pointer));
    writeFiles(work, { 'q.csv': 'q\n1\n', 'f/new.csv': 'new\n1\n', 'f/r.csv': 'r\n1\n' });
    ann.run(work, 'add', 'q.csv', 'f');
    ann.run(work, 'push', '--remote', 'by-itself', 'q.csv.dvc');
    await becomes('by-itself', [md5Of('q\n1\n')]);
    expect(ann.run(work, 'push', '--remote', 'beside')).toContain('2 files pushed');
    await becomes('beside', [oidOf(join(work, 'f.dvc')), md5Of('q\n1\n')]);
  });

  test('a file becomes a version although its folder was asked for before, and both are pulled by any remote', async () => {
    const work = workspaceOf(ann, 'status-first', ['status-first']);
    writeFiles(work, { 'data/a.csv': 'asked a\n1\n', 'data/b.csv': 'asked b\n1\n', 'one.csv': 'asked one\n1\n' });
    ann.run(work, 'add', 'data', 'one.csv');
    const theirs = workspaceOf(bob, 'status-first', ['renamed', 'status-first']);
    copyPointers(work, theirs);
    expect(ann.run(work, 'status', '--cloud', '--json')).toContain('new');
    bob.fail(theirs, 'pull', '--remote', 'status-first');
    expect(ann.run(work, 'push', 'one.csv.dvc')).toContain('1 file pushed');
    await becomes('status-first', [md5Of('asked one\n1\n')]);
    ann.run(work, 'push');
    await becomes('status-first', [md5Of('asked one\n1\n'), oidOf(join(work, 'data.dvc'))]);
    bob.run(theirs, 'pull');
    expect(contentsOf(join(theirs, 'data'))).toEqual({ 'a.csv': 'asked a\n1\n', 'b.csv': 'asked b\n1\n' });
    expect(readFileSync(join(theirs, 'one.csv'), 'utf8')).toBe('asked one\n1\n');
    expect(await versionsOf('renamed')).toEqual([]);
  });

  test('a remote whose project is called otherwise goes on at its former address', async () => {
    await api().post('/v1/projects', { name: `called-${kind}` });
    const work = ann.workspace('called');
    ann.run(work, 'remote', 'add', '--default', 'tm', `${url}/dvc/called-${kind}/d`);
    writeFiles(work, { 'data/a.csv': 'called a\n1\n', 'one.csv': 'called one\n1\n' });
    ann.run(work, 'add', 'data', 'one.csv');
    ann.run(work, 'push', 'one.csv.dvc');
    await api().patch(`/v1/projects/called-${kind}`, { name: `otherwise-${kind}` });
    expect(ann.run(work, 'push')).toContain('2 files pushed');
    forget(work, 'data', 'one.csv');
    ann.run(work, 'pull');
    expect(contentsOf(join(work, 'data'))).toEqual({ 'a.csv': 'called a\n1\n' });
    await until('the versions of a renamed project', async () => {
      await stage.settle();
      const found = await api().get<{ items: unknown[] }>(`/v1/datasets/d/versions?project=otherwise-${kind}`);
      return found.items.length === 2 ? true : null;
    });
  });

  test('a push that follows a pull at once makes versions, and reading makes none', async () => {
    const work = workspaceOf(ann, 'pulled', ['pulled-from', 'pulled-by', 'read-by']);
    writeFiles(work, { 'data/a.csv': 'pulled a\n1\n', 'data/b.csv': 'pulled b\n1\n', 'one.csv': 'pulled one\n1\n' });
    writeFileSync(join(work, 'large.bin'), Buffer.alloc(3_000_000, 'pulled '));
    ann.run(work, 'add', 'data', 'one.csv', 'large.bin');
    ann.run(work, 'push');
    const all = ['data.dvc', 'one.csv.dvc', 'large.bin.dvc'].map((name) => oidOf(join(work, name)));
    await becomes('pulled-from', all);
    forget(work, 'data', 'one.csv', 'large.bin');
    ann.run(work, 'pull', '--remote', 'read-by');
    ann.run(work, 'status', '--cloud', '--remote', 'read-by');
    ann.run(work, 'fetch', '--remote', 'read-by');
    forget(work, 'data', 'one.csv', 'large.bin');
    ann.run(work, 'pull', '--remote', 'pulled-by');
    expect(ann.run(work, 'push', '--remote', 'pulled-by')).toContain('3 files pushed');
    await becomes('pulled-by', all);
    // With nothing to fetch.
    ann.run(work, 'pull', '--remote', 'pulled-by');
    expect(ann.run(work, 'push', '--remote', 'pulled-by')).toContain('Everything is up to date');
    expect(await versionsOf('read-by')).toEqual([]);
  });

  test('files of DVC 2 are pushed and pulled in their own layout, which dvc reads from the storage too', () => {
    const files: Files = { 'text.csv': 'a,b\r\n1,2\r\n', 'unix.csv': 'a,b\n3,4\n', 'binary.bin': '\0\r\n' };
    const work = stage.workspace(ann, 'legacy');
    const names = writeLegacy(work, files);
    expect(ann.run(work, 'push')).toContain('4 files pushed');
    forget(work, 'data');
    ann.run(work, 'pull');
    expect(contentsOf(join(work, 'data'))).toEqual(files);
    expect(names['text.csv']).not.toBe(md5Of(files['text.csv'] ?? ''));

    const direct = bob.workspace('legacy');
    configure(direct, 'storage', [stage.storageSection('storage')]);
    copyPointers(work, direct);
    bob.run(direct, 'pull');
    expect(contentsOf(join(direct, 'data'))).toEqual(files);
  });

  /** A folder as DVC 2 has added it: named by md5-dos2unix, in a cache without `files/md5`. */
  function writeLegacy(work: string, files: Files): Record<string, string> {
    const keep = (name: string, bytes: string): void => {
      const path = join(work, '.dvc', 'cache', name.slice(0, 2), name.slice(2));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    };
    const names = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [
        path,
        md5Of(text.includes('\0') ? text : text.replaceAll('\r\n', '\n')),
      ]),
    );
    for (const [path, text] of Object.entries(files)) keep(names[path] ?? '', text);
    const entries = Object.entries(names).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const tree = `[${entries.map(([path, md5]) => `{"md5": "${md5}", "relpath": "${path}"}`).join(', ')}]`;
    keep(`${md5Of(tree)}.dir`, tree);
    writeFileSync(join(work, 'data.dvc'), `outs:\n- md5: ${md5Of(tree)}.dir\n  path: data\n`);
    return names;
  }

  test('data status, diff, ls, get and import work between repositories', () => {
    const work = stage.workspace(ann, 'between', { git: true });
    writeFiles(join(work, 'data'), { 'a.csv': 'a\n1\n', 'b.csv': 'b\n1\n' });
    ann.run(work, 'add', 'data');
    ann.git(work, 'add', '.');
    ann.git(work, 'commit', '-qm', 'first');
    expect(ann.run(work, 'data', 'status', '--not-in-remote', '--json')).toContain('not_in_remote');
    ann.run(work, 'push');
    expect(JSON.parse(ann.run(work, 'data', 'status', '--not-in-remote', '--json'))).not.toHaveProperty(
      'not_in_remote',
    );
    writeFiles(join(work, 'data'), { 'a.csv': 'a\n2\n', 'c.csv': 'c\n1\n' });
    ann.run(work, 'add', 'data');
    ann.git(work, 'commit', '-qam', 'second');
    ann.run(work, 'push');
    const diff = JSON.parse(ann.run(work, 'diff', '--json', 'HEAD~1', 'HEAD'));
    expect(diff).toMatchObject({ added: [{ path: join('data', 'c.csv') }] });

    expect(bob.run(bob.folder, 'ls', '--recursive', work)).toContain('data/c.csv');
    bob.run(bob.folder, 'get', work, 'data/a.csv', '--out', 'got.csv', '--rev', 'HEAD~1');
    expect(readFileSync(join(bob.folder, 'got.csv'), 'utf8')).toBe('a\n1\n');
    const importer = bob.workspace('importer', { git: true });
    bob.run(importer, 'import', work, 'data');
    expect(contentsOf(join(importer, 'data'))).toMatchObject({ 'a.csv': 'a\n2\n', 'c.csv': 'c\n1\n' });
  });

  test('import-url takes a file of a version, and update takes the next one', async () => {
    const push = (text: string) =>
      fetch(`${url}/v1/datasets/source/versions?path=train.csv`, { method: 'POST', body: text });
    await stage.wake();
    await push('a\n1\n');
    const work = bob.workspace('import-url');
    const source = `${url}/v1/datasets/source/versions/latest/files/train.csv`;
    bob.run(work, 'import-url', source, 'train.csv');
    expect(readFileSync(join(work, 'train.csv'), 'utf8')).toBe('a\n1\n');
    expect(JSON.parse(bob.run(work, 'status', '--json'))).toEqual({});
    await stage.wake();
    await push('a\n2\n');
    bob.run(work, 'update', 'train.csv.dvc');
    expect(readFileSync(join(work, 'train.csv'), 'utf8')).toBe('a\n2\n');
  });

  test('api.open and DVCFileSystem read from the remote, in part too', () => {
    const work = stage.workspace(ann, 'api', { git: true });
    writeFiles(join(work, 'data'), { 'a.txt': '0123456789', 'sub/b.txt': 'b' });
    ann.run(work, 'add', 'data');
    ann.git(work, 'add', '.');
    ann.git(work, 'commit', '-qm', 'data');
    ann.run(work, 'push');
    forget(work, 'data');
    const printed = ann.python(
      work,
      [
        'import dvc.api, json',
        'from dvc.api import DVCFileSystem',
        'fs = DVCFileSystem(".")',
        'with dvc.api.open("data/a.txt") as f: whole = f.read()',
        'with fs.open("data/a.txt", "rb") as f:',
        '  f.seek(3)',
        '  part = f.read(4).decode()',
        'print(json.dumps([whole, part, sorted(fs.find("data"))]))',
      ].join('\n'),
    );
    expect(JSON.parse(printed)).toEqual(['0123456789', '3456', ['data/a.txt', 'data/sub/b.txt']]);
  });

  test('corrupt bytes are never taken for good ones, and the next push heals them', () => {
    const work = stage.workspace(ann, 'rotten');
    const files = { 'a.txt': 'will rot\n', 'b.txt': 'stays\n' };
    writeFiles(join(work, 'data'), files);
    ann.run(work, 'add', 'data');
    ann.run(work, 'push');
    const stored = stage.storedAt(md5Of(files['a.txt']));
    chmodSync(stored, 0o644);
    writeFileSync(stored, 'has rotten\n'.slice(0, files['a.txt'].length));

    const theirs = stage.workspace(bob, 'rotten');
    copyPointers(work, theirs);
    bob.fail(theirs, 'pull');
    expect(existsSync(join(theirs, 'data', 'a.txt'))).toBe(false);
    expect(ann.run(work, 'status', '--cloud', '--json')).toContain('a.txt');
    expect(ann.run(work, 'push')).toContain('2 files pushed');
    bob.run(theirs, 'pull');
    expect(contentsOf(join(theirs, 'data'))).toEqual(files);
  });

  test('of two large files the beginning of a rotten one is not kept for all of it', () => {
    const work = stage.workspace(ann, 'rotten-large');
    const files = { 'one.bin': 'one line of it\n'.repeat(200_000), 'two.bin': 'another line\n'.repeat(200_000) };
    writeFiles(work, files);
    ann.run(work, 'add', 'one.bin', 'two.bin');
    ann.run(work, 'push');
    const stored = stage.storedAt(md5Of(files['two.bin']));
    chmodSync(stored, 0o644);
    writeFileSync(stored, files['two.bin'].replace(/line\n$/, 'LINE\n'));
    // A bucket is believed for some seconds after the last reading, whatever its clock says.
    const later = new Date(Date.now() + 60_000);
    utimesSync(stored, later, later);

    const theirs = stage.workspace(bob, 'rotten-large');
    copyPointers(work, theirs);
    bob.fail(theirs, 'pull');
    const oid = md5Of(files['two.bin']);
    expect(existsSync(join(theirs, '.dvc', 'cache', 'files', 'md5', oid.slice(0, 2), oid.slice(2)))).toBe(false);
    expect(readFileSync(join(theirs, 'one.bin'), 'utf8')).toBe(files['one.bin']);
    ann.run(work, 'push');
    bob.run(theirs, 'pull');
    expect(readFileSync(join(theirs, 'two.bin'), 'utf8')).toBe(files['two.bin']);
  });

  test('what a client holds wrongly is refused, and it shows why', () => {
    const work = stage.workspace(ann, 'wrong');
    writeFiles(work, { 'x.csv': 'a\n8\n' });
    ann.run(work, 'add', 'x.csv');
    const oid = md5Of('a\n8\n');
    const cached = join(work, '.dvc', 'cache', 'files', 'md5', oid.slice(0, 2), oid.slice(2));
    chmodSync(cached, 0o644);
    writeFileSync(cached, 'a\n9\n');
    // As DVC leaves what it has verified once.
    chmodSync(cached, 0o444);
    const said = ann.fail(work, 'push', '--verbose');
    expect(said).toContain(md5Of('a\n9\n'));
    expect(said).toContain('nothing was stored');
    expect(existsSync(stage.storedAt(md5Of('a\n9\n')))).toBe(false);
  });

  test('a client that is killed in the middle leaves nothing, and the next push sends all of it', async () => {
    const work = stage.workspace(ann, 'killed');
    const large = Buffer.alloc(192 * 1024 ** 2, 'not yet complete ');
    mkdirSync(join(work, 'data'));
    writeFileSync(join(work, 'data', 'large.bin'), large);
    ann.run(work, 'add', 'data');
    const proxy = await startFaultProxy(url);
    ann.run(work, 'remote', 'modify', 'tm', 'url', `${proxy.endpoint}/dvc/default/killed`);
    proxy.fault = (method) => (method === 'POST' ? { takeOnly: large.byteLength / 2 } : null);
    const { spool } = stage;
    const pushing = ann.start(work, 'push');
    const ended = once(pushing, 'exit');
    // Made with the first that does not fit into memory.
    const spooled = (): string[] => (existsSync(spool) ? readdirSync(spool) : []);
    const underWay = (): boolean => spooled().some((name) => sizeOf(join(spool, name)) > 0);
    await until('the upload to begin', async () => (underWay() ? true : null));
    pushing.kill('SIGKILL');
    await ended;
    await until('its remains to go', async () => (spooled().length === 0 ? true : null));
    await proxy.stop();
    expect(existsSync(stage.storedAt(md5Of(large)))).toBe(false);
    ann.run(work, 'remote', 'modify', 'tm', 'url', stage.remoteOf('killed'));
    expect(ann.run(work, 'push')).toContain('2 files pushed');
    expect(statSync(stage.storedAt(md5Of(large))).size).toBe(large.byteLength);
  });

  test('a fetch comes to its end although its version is given up as soon as it has begun', async () => {
    const api = createApi(url);
    const refs = async () =>
      (await api.get<{ items: { ref: string }[] }>('/v1/datasets/given-up/versions')).items.map(({ ref }) => ref);
    const work = stage.workspace(ann, 'given-up');
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}.txt`, `given up ${i}\n`]));
    writeFiles(join(work, 'data'), files);
    ann.run(work, 'add', 'data');
    ann.run(work, 'push');
    // The version is not there at once.
    await until('the first version', async () => {
      await stage.settle();
      const found = await refs().catch(() => []);
      return found.length > 0 ? true : null;
    });
    await api.post('/v1/datasets/given-up/versions?path=later.csv', 'a\n1\n');

    const proxy = await startFaultProxy(url);
    const collecting: Promise<unknown>[] = [];
    proxy.fault = (_, path) => {
      const begins = path.endsWith('.dir') && collecting.length === 0;
      if (begins) collecting.push(api.post('/v1/gc', { dataset: 'given-up', keep: { last: 1 } }));
      return null;
    };
    const theirs = bob.workspace('given-up');
    bob.run(theirs, 'remote', 'add', '--default', 'tm', `${proxy.endpoint}/dvc/default/given-up`);
    copyPointers(work, theirs);
    const [code] = await once(bob.start(theirs, 'pull'), 'exit');
    await Promise.all(collecting);
    await until('the collection', async () => ((await refs()).join() === 'v2' ? true : null));
    await proxy.stop();
    expect(code).toBe(0);
    expect(contentsOf(join(theirs, 'data'))).toEqual(files);
  });

  test("DVC's own tests of a remote pass", () => {
    const report = runShell('"$PYTHON" -m pytest -q -rsxXf -p no:cacheprovider test/e2e/dvc_suite', {
      cwd: ROOT,
      env: {
        TIDEMARK_URL: url,
        HOME: ann.folder,
        PYTHON: process.env.PYTHON ?? '',
        PYTHONDONTWRITEBYTECODE: '1',
      },
    });
    // What HTTP remotes do not do is listed here, by DVC's own words.
    console.info(report.out.slice(report.out.indexOf('short test summary')));
    expect(report.out).toMatch(/^22 passed, 9 skipped, 5 xfailed/m);
    expect(report.code).toBe(0);
  });

  // What keys do is the same wherever objects lie.
  test.skipIf(kind === 's3')(
    'keys let in by Basic and by a header of one name or another; others are told why not',
    async () => {
      await stage.wake();
      const api = createApi(url);
      type Made = { readonly key: string };
      const admin = await api.post<Made>('/v1/keys', { name: 'admin', scopes: ['admin'] });
      const rights = { name: 'dvc', scopes: ['data:read', 'data:write'] };
      const { key } = await api.post<Made>('/v1/keys', rights, { authorization: `Bearer ${admin.key}` });
      const work = stage.workspace(ann, 'guarded');
      writeFiles(work, { 'x.csv': 'guarded\n' });
      ann.run(work, 'add', 'x.csv');
      expect(ann.fail(work, 'push', '--verbose')).toContain('An API key is needed');
      const modify = (...args: string[]) => ann.run(work, 'remote', 'modify', '--local', 'tm', ...args);
      modify('auth', 'basic');
      modify('user', 'ann');
      modify('password', 'wrong');
      expect(ann.fail(work, 'push', '--verbose')).toContain('This key is not known');
      modify('password', key);
      expect(ann.run(work, 'push')).toContain('1 file pushed');
      for (const [header, password] of [
        ['X-Tidemark-Key', key],
        ['Authorization', `Bearer ${key}`],
      ] as const) {
        modify('auth', 'custom');
        modify('custom_auth_header', header);
        modify('password', password);
        forget(work, 'x.csv');
        ann.run(work, 'pull');
        expect(readFileSync(join(work, 'x.csv'), 'utf8')).toBe('guarded\n');
      }
    },
  );
});

/** 0 for what is gone meanwhile. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
