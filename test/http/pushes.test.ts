import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileVersion } from '../../src/domain/profile/profile.ts';
import { settlePush } from '../../src/domain/push/settle.ts';
import { readProfileFile } from '../../src/formats/profile/profile-file.ts';
import { createApp } from '../../src/http/app.ts';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  // Longer than this machine may stand still: a push is quiet when a test says so.
  service = await startDatasetService({ TIDEMARK_PUSH_QUIET_SECONDS: '1800' });
});
afterAll(async () => {
  await service.close();
});

type Push = {
  readonly id: string;
  readonly state: string;
  readonly objects: { readonly new: number; readonly held: number; readonly refused: number };
  readonly bytes: { readonly new: number; readonly held: number };
  readonly awaited: readonly string[];
  readonly versions: readonly string[];
  readonly author: string;
};

const split = (oid: string): string => `${oid.slice(0, 2)}/${oid.slice(2)}`;
const manifest = (entries: readonly [string, string][]): string =>
  `[${entries.map(([relpath, md5]) => `{"md5": "${md5}", "relpath": "${relpath}"}`).join(', ')}]`;

/** A client of a dataset's remote, as `dvc` is one. */
function client(dataset: string, agent = 'Python/3.11 aiohttp/3') {
  const at = (name: string, layout: string) => `/dvc/default/${dataset}/${layout}${split(name)}`;
  const headers = { 'user-agent': agent };
  const send = async (bytes: string, name = md5Of(bytes), layout = 'files/md5/'): Promise<string> => {
    await service.send('POST', at(name, layout), bytes, headers);
    return name;
  };
  const ask = (name: string, layout = 'files/md5/') =>
    service.send('GET', at(name, layout), undefined, headers).then(({ status }) => status);
  /** Looks for a folder's list: to read it, or because its files are to be sent. */
  const look = async (name: string) =>
    (await service.app.request(at(name, 'files/md5/'), { method: 'HEAD', headers })).status;
  /** What a fetch begins with. */
  const greet = () => service.send('GET', `/dvc/default/${dataset}/files/md5`, undefined, headers);
  /** Sends files and then their folder, which it asks for first. */
  const sendFolder = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const tree = manifest(Object.entries(files).map(([path, text]) => [path, md5Of(text)]));
    const folder = `${md5Of(tree)}.dir`;
    await ask(folder);
    const missing: string[] = [];
    for (const text of Object.values(files)) if ((await ask(md5Of(text))) === 404) missing.push(text);
    await look(folder);
    for (const text of missing) await send(text);
    return send(tree, folder);
  };
  return { send, ask, look, greet, sendFolder };
}

const pushesOf = async (dataset: string): Promise<Push[]> => {
  const { body } = await service.send('GET', `/v1/datasets/${dataset}/pushes`);
  return body.items as Push[];
};

async function newest(dataset: string): Promise<Push> {
  const [push] = await pushesOf(dataset);
  if (push === undefined) throw new Error(`${dataset} has no push`);
  return push;
}

/** Lets all that has come so far be long past, and settles the newest push. */
async function settle(dataset: string): Promise<Push> {
  const { id } = await newest(dataset);
  await service.ctx.db.execute(sql`update push_sessions set quiet_at = quiet_at - interval '1 hour'`);
  await service.ctx.db.execute(sql`update push_objects set at = at - interval '1 hour'`);
  await settlePush(service.ctx, { pushId: id });
  return newest(dataset);
}

const versionsOf = async (dataset: string) => {
  const { body } = await service.send('GET', `/v1/datasets/${dataset}/versions`);
  return (body.items as Record<string, unknown>[]).toReversed();
};

describe('a push of a folder', () => {
  it('is seen while it runs, and becomes a version with statistics once it is quiet', async () => {
    const dvc = client('folder');
    const folder = await dvc.sendFolder({ 'a.csv': 'x,y\n1,2\n', 'b.csv': 'x,y\n3,4\n' });
    const running = await newest('folder');
    expect(running).toMatchObject({
      state: 'running',
      author: 'anonymous',
      agent: 'Python/3.11 aiohttp/3',
      objects: { new: 3, refused: 0 },
      awaited: [],
      versions: [],
    });
    // Not quiet yet: nothing happens, and it is looked at again.
    await settlePush(service.ctx, { pushId: running.id });
    expect((await newest('folder')).state).toBe('running');
    expect(await settle('folder')).toMatchObject({ state: 'settled', versions: ['v1'] });
    const [version] = await versionsOf('folder');
    expect(version).toMatchObject({ oid: folder, path: 'folder', files: 2, provenance: { kind: 'dvc' } });
    const [{ id }] = (await service.ctx.sql`select id from versions where oid = ${folder}`) as unknown as [
      { id: string },
    ];
    await profileVersion(service.ctx, { versionId: Number(id) });
    const profile = await service.send('GET', '/v1/datasets/folder/versions/v1/profile');
    expect(profile.body).toMatchObject({ state: 'ready', profile: { rows: 2 } });
    const type = 'application/vnd.tidemark.profile';
    const file = await service.app.request('/v1/datasets/folder/versions/v1/profile', { headers: { accept: type } });
    expect([file.status, file.headers.get('content-type')]).toEqual([200, type]);
    const read = readProfileFile(Buffer.from(await file.arrayBuffer()));
    expect(read).toMatchObject({ name: 'folder@v1', profile: { rows: 2, columns: [{ name: 'x' }, { name: 'y' }] } });
  });

  it('of the same content again is the same version, and says what was held', async () => {
    const dvc = client('folder');
    await dvc.sendFolder({ 'a.csv': 'x,y\n1,2\n', 'b.csv': 'x,y\n3,4\n' });
    expect(await settle('folder')).toMatchObject({
      versions: ['v1'],
      objects: { new: 0, held: 2 },
      bytes: { new: 0, held: 16 },
    });
    await dvc.sendFolder({ 'a.csv': 'x,y\n1,2\n', 'c.csv': 'x,y\n5,6\n' });
    expect(await settle('folder')).toMatchObject({
      versions: ['v2'],
      objects: { new: 2, held: 1 },
    });
    expect((await versionsOf('folder')).map(({ ref, path }) => [ref, path])).toEqual([
      ['v1', 'folder'],
      ['v2', 'folder'],
    ]);
    expect((await pushesOf('folder')).map(({ versions }) => versions)).toEqual([['v2'], ['v1'], ['v1']]);
  });

  it('of a file that another dataset has says that it was held', async () => {
    await client('mine').send('shared bytes');
    await settle('mine');
    await client('yours').send('shared bytes');
    expect(await settle('yours')).toMatchObject({
      versions: ['v1'],
      objects: { new: 0, held: 1 },
      bytes: { held: 12 },
    });
  });

  it('that breaks off makes no versions of its files; what it lacks is said, and the next push completes it', async () => {
    const dvc = client('broken');
    const tree = manifest([
      ['a', md5Of('first')],
      ['b', md5Of('second')],
    ]);
    const folder = `${md5Of(tree)}.dir`;
    expect(await dvc.ask(folder)).toBe(404);
    await dvc.send('first');
    await dvc.send(tree, folder);
    const settled = await settle('broken');
    expect(settled).toMatchObject({ state: 'incomplete', awaited: [folder], objects: { new: 1, refused: 1 } });
    expect(await versionsOf('broken')).toEqual([]);
    const objects = await service.send('GET', `/v1/datasets/broken/pushes/${settled.id}/objects`);
    expect(objects.body.items).toMatchObject([
      { name: md5Of('first'), state: 'new', size: 5 },
      { name: folder, state: 'refused', md5: null, error: { code: 'missing-children' } },
    ]);
    await dvc.send('second');
    await dvc.send(tree, folder);
    expect(await settle('broken')).toMatchObject({ state: 'settled', versions: ['v1'], objects: { held: 1 } });
  });

  it('by two clients at once is two pushes', async () => {
    await Promise.all(['one', 'two'].map((agent) => client('both', agent).sendFolder({ [agent]: agent })));
    expect((await pushesOf('both')).map(({ objects }) => objects.new)).toEqual([2, 2]);
  });

  it('of many files side by side is one push, whose first request opens it for all', async () => {
    const dvc = client('crowd');
    const texts = Array.from({ length: 100 }, (_, i) => `file ${i}`);
    await Promise.all(texts.map((text) => dvc.send(text)));
    expect((await pushesOf('crowd')).map(({ objects }) => objects.new)).toEqual([100]);
  });

  it('in the layout of DVC 2 becomes a version of the files themselves', async () => {
    const dvc = client('old');
    const crlf = 'x,y\r\n1,2\r\n';
    const name = md5Of('x,y\n1,2\n');
    await dvc.send(crlf, name, '');
    const tree = manifest([['t.csv', name]]);
    await dvc.send(tree, `${md5Of(tree)}.dir`, '');
    expect(await settle('old')).toMatchObject({ state: 'settled', versions: ['v1'], objects: { new: 2 } });
    const file = await service.send('GET', '/v1/datasets/old/versions/v1/files/t.csv');
    expect(file.text).toBe(crlf);
  });
});

describe('a folder of DVC 2', () => {
  const text = 'a,b\r\n7,8\r\n';
  const name = md5Of(text.replaceAll('\r', ''));
  const tree = manifest([['t.csv', name]]);
  const folder = `${md5Of(tree)}.dir`;

  it('is there while it is pushed and once it is a version, and not when that is given up', async () => {
    const dvc = client('old-folder');
    expect(await dvc.ask(folder, '')).toBe(404);
    await dvc.send(text, name, '');
    await dvc.send(tree, folder, '');
    expect(await dvc.ask(folder, '')).toBe(200);
    expect(await settle('old-folder')).toMatchObject({ versions: ['v1'] });
    expect(await dvc.ask(folder, '')).toBe(200);
    await service.ctx.sql`update versions set trashed_at = now() - interval '1 hour' where provenance ->> 'kind' = 'dvc'
      and dataset_id = (select id from datasets where name = 'old-folder')`;
    expect(await dvc.ask(folder, '')).toBe(404);
    await dvc.send(tree, folder, '');
    expect(await settle('old-folder')).toMatchObject({ versions: ['v1'] });
    expect(await dvc.ask(folder, '')).toBe(200);
  });

  it('that another dataset has is sent once more, without its files, and becomes a version here', async () => {
    const dvc = client('old-elsewhere');
    expect(await dvc.ask(folder, '')).toBe(404);
    expect(await dvc.ask(name, '')).toBe(200);
    await dvc.send(tree, folder, '');
    expect(await settle('old-elsewhere')).toMatchObject({ versions: ['v1'], objects: { new: 0 } });
    expect(await versionsOf('old-elsewhere')).toMatchObject([{ files: 1 }]);
    const reader = client('old-nowhere');
    await reader.greet();
    expect([await reader.ask(folder, ''), await reader.ask(name, '')]).toEqual([200, 200]);
  });
});

describe('content that the project holds already', () => {
  it('is asked for once more, so that it becomes a version here too; files of its folders are not', async () => {
    const first = client('first');
    const folder = await first.sendFolder({ a: 'in both' });
    const file = await first.send('lone, in both\n');
    await settle('first');
    const second = client('second');
    expect(await second.ask(folder)).toBe(404);
    expect(await Promise.all([file, md5Of('in both')].map((oid) => second.ask(oid)))).toEqual([404, 200]);
    await second.sendFolder({ a: 'in both' });
    await second.send('lone, in both\n');
    expect(await Promise.all([folder, file].map((oid) => second.ask(oid)))).toEqual([200, 200]);
    expect(await settle('second')).toMatchObject({ versions: ['v1', 'v2'], bytes: { new: 0 } });
    expect(await Promise.all([folder, file].map((oid) => second.ask(oid)))).toEqual([200, 200]);
    expect((await service.send('GET', `/dvc/default/files/md5/${split(folder)}`)).status).toBe(200);
  });

  it.each([
    ['came to the remote of the project', (oid: string) => `/dvc/default/files/md5/${split(oid)}`],
    ['belongs to nobody, as after a scan', (oid: string) => `/v1/objects/${oid}`],
  ])('becomes a version here when it %s', async (how, at) => {
    const dataset = `held-${md5Of(how).slice(0, 4)}`;
    const [member, lone] = [`member, ${how}`, `lone, ${how}`];
    const tree = manifest([['m', md5Of(member)]]);
    for (const [bytes, oid] of [
      [member, md5Of(member)],
      [tree, `${md5Of(tree)}.dir`],
      [lone, md5Of(lone)],
    ] as const) {
      expect((await service.send('PUT', at(oid), bytes)).status).toBeLessThan(300);
    }
    const dvc = client(dataset);
    expect(await dvc.ask(`${md5Of(tree)}.dir`)).toBe(404);
    // Nothing is sent twice but what makes the version.
    expect(await Promise.all([md5Of(member), md5Of(lone)].map((oid) => dvc.ask(oid)))).toEqual([200, 404]);
    await dvc.send(tree, `${md5Of(tree)}.dir`);
    await dvc.send(lone);
    expect(await settle(dataset)).toMatchObject({ state: 'settled', versions: ['v1', 'v2'], objects: { new: 0 } });
    expect((await versionsOf(dataset)).map(({ oid }) => oid)).toEqual([`${md5Of(tree)}.dir`, md5Of(lone)]);
  });

  it('becomes a version by itself where it is a file of a folder elsewhere', async () => {
    await client('folder-of').sendFolder({ 'q.csv': 'q\n1\n' });
    await settle('folder-of');
    const dvc = client('by-itself');
    expect(await dvc.ask(md5Of('q\n1\n'))).toBe(404);
    await dvc.send('q\n1\n');
    expect(await settle('by-itself')).toMatchObject({ versions: ['v1'] });
  });

  it('is not sent again where a folder that is still to come may list it, and is a version if it does not', async () => {
    const elsewhere = client('elsewhere');
    await elsewhere.send('u\n1\n');
    await elsewhere.send('w\n1\n');
    const dvc = client('wishing');
    const tree = manifest([
      ['new.csv', md5Of('n\n1\n')],
      ['w.csv', md5Of('w\n1\n')],
    ]);
    const folder = `${md5Of(tree)}.dir`;
    expect(await dvc.ask(folder)).toBe(404);
    const files = ['n\n1\n', 'u\n1\n', 'w\n1\n'].map((text) => md5Of(text));
    expect(await Promise.all(files.map((oid) => dvc.ask(oid)))).toEqual([404, 200, 200]);
    expect(await dvc.look(folder)).toBe(404);
    await dvc.send('n\n1\n');
    await dvc.send(tree, folder);
    // What was not sent is of the push as if it had been: there while that runs, and settled with it.
    expect(await Promise.all(files.map((oid) => dvc.ask(oid)))).toEqual([200, 200, 200]);
    expect(await settle('wishing')).toMatchObject({ state: 'running', objects: { new: 2 } });
    expect(await settle('wishing')).toMatchObject({ state: 'settled', versions: ['v1', 'v2'] });
    expect((await versionsOf('wishing')).map(({ oid }) => oid)).toEqual([folder, md5Of('u\n1\n')]);
  });

  it('is no version of its own where a folder of this dataset has it, sent by a client that could not ask', async () => {
    const dvc = client('restarted');
    await dvc.sendFolder({ a: 'sent again a', b: 'sent again b' });
    await settle('restarted');
    for (const text of ['sent again a', 'sent again b']) await dvc.send(text);
    await dvc.send('not of the folder\n');
    expect(await settle('restarted')).toMatchObject({ state: 'settled', objects: { held: 2 }, versions: ['v2'] });
    expect((await versionsOf('restarted')).map(({ oid }) => oid).at(-1)).toBe(md5Of('not of the folder\n'));
    // Once the folder is in the trash it does count by itself.
    await service.ctx.db.execute(sql`update versions set trashed_at = now() - interval '2 minutes' where number = 1
      and dataset_id = (select id from datasets where name = 'restarted')`);
    await dvc.send('sent again a');
    expect(await settle('restarted')).toMatchObject({ versions: ['v3'] });
  });

  it('is no version when it was only asked for', async () => {
    const folder = await client('asked-of').sendFolder({ a: 'asked for' });
    await settle('asked-of');
    const dvc = client('asking');
    for (const oid of [folder, md5Of('asked for')]) await dvc.ask(oid);
    expect((await service.send('GET', '/v1/datasets/asking')).status).toBe(404);
    await dvc.send('x,y\n7,7\n');
    expect(await settle('asking')).toMatchObject({ state: 'settled', awaited: [], versions: ['v1'] });
  });

  it('is there for whoever reads, in the remote of any dataset and on any server', async () => {
    const folder = await client('owner').sendFolder({ a: 'to be read' });
    const file = await client('owner').send('lone, to be read\n');
    await settle('owner');
    const all = [folder, file, md5Of('to be read')];
    const [other, dvc] = [createApp(service.ctx), client('renamed', 'a fetch')];
    await dvc.greet();
    expect(await Promise.all(all.map((oid) => dvc.ask(oid)))).toEqual([200, 200, 200]);
    for (const oid of all) {
      const path = `/dvc/default/renamed/files/md5/${split(oid)}`;
      expect((await other.request(path, { headers: { 'user-agent': 'a fetch' } })).status).toBe(200);
    }
    // `dvc get` of a folder looks for its list before anything else.
    const getting = client('renamed', 'a get');
    expect(await getting.look(folder)).toBe(200);
    expect(await getting.ask(md5Of('to be read'))).toBe(200);
    // A push is not taken for reading by the list that it looks for.
    const pushing = client('renamed', 'a push');
    expect(await pushing.ask(folder)).toBe(404);
    expect(await pushing.look(folder)).toBe(200);
    expect(await pushing.ask(file)).toBe(404);
  });

  it('comes back from the trash of its own', async () => {
    const dvc = client('trash');
    const file = await dvc.send('thrown, away\n');
    await settle('trash');
    await service.ctx.db.execute(
      sql`update versions set trashed_at = now() - interval '2 minutes' where oid = ${file}`,
    );
    expect(await dvc.ask(file)).toBe(404);
    await dvc.send('thrown, away\n');
    expect((await settle('trash')).versions).toEqual(['v1']);
    expect((await versionsOf('trash')).map(({ ref }) => ref)).toEqual(['v1']);
  });
});

describe('a push of files alone', () => {
  it('makes a version of each, called by what they look like', async () => {
    const dvc = client('table');
    await dvc.send('x,y\n1,2\n');
    expect(await settle('table')).toMatchObject({ state: 'settled', versions: ['v1'] });
    await dvc.send('x,y\n1,3\n');
    await dvc.send('x,y\n1,4\n');
    expect(await settle('table')).toMatchObject({ versions: ['v2', 'v3'] });
    expect((await versionsOf('table')).map(({ path }) => path)).toEqual(['table.csv', 'table.csv', 'table.csv']);
  });

  it('calls a table one also after a file that was none', async () => {
    const dvc = client('both');
    await dvc.send('#!/bin/sh\necho hi\n');
    await settle('both');
    await dvc.send('x,y\n1,5\n');
    await settle('both');
    expect((await versionsOf('both')).map(({ path }) => path)).toEqual(['both', 'both.csv']);
  });

  it('beside a folder makes a version of the folder and one of the file', async () => {
    const dvc = client('mixed');
    await dvc.sendFolder({ a: 'in the folder' });
    await dvc.send('{"x": 1}\n');
    expect((await settle('mixed')).versions).toEqual(['v1', 'v2']);
    expect((await versionsOf('mixed')).map(({ path }) => path)).toEqual(['mixed', 'mixed.ndjson']);
  });

  it('becomes one although a folder was asked for in vain before', async () => {
    const dvc = client('after-status');
    const folder = `${md5Of(manifest([['a', md5Of('never sent')]]))}.dir`;
    for (const oid of [folder, md5Of('never sent'), md5Of('one.csv')]) await dvc.ask(oid);
    // As a pull does that fails.
    await dvc.look(folder);
    await dvc.greet();
    await dvc.ask(folder);
    await dvc.look(folder);
    expect(await dvc.ask(md5Of('one.csv'))).toBe(404);
    await dvc.send('one.csv');
    expect(await settle('after-status')).toMatchObject({ state: 'settled', awaited: [], versions: ['v1'] });
  });

  it('makes no versions of many files that came while a folder was asked for, by whichever client', async () => {
    const dvc = client('older');
    const texts = Array.from({ length: 11 }, (_, i) => `of a folder, ${i}`);
    const folder = `${md5Of(manifest(texts.map((text, i) => [`f${i}`, md5Of(text)])))}.dir`;
    await dvc.ask(folder);
    for (const text of texts) await dvc.send(text);
    expect(await settle('older')).toMatchObject({ state: 'incomplete', awaited: [folder], versions: [] });
    // What became no version is not there for the next push.
    expect(await client('older', 'another').ask(md5Of('of a folder, 0'))).toBe(404);
  });

  it('makes no versions of files whose folder was asked for on another server', async () => {
    const other = createApp(service.ctx);
    const tree = manifest([['a', md5Of('one of two servers')]]);
    const path = `/dvc/default/balanced/files/md5/${split(md5Of(tree))}.dir`;
    for (const method of ['GET', 'HEAD']) {
      await other.request(path, { method, headers: { 'user-agent': 'Python/3.11 aiohttp/3' } });
    }
    await client('balanced').send('one of two servers');
    expect(await settle('balanced')).toMatchObject({ state: 'incomplete', awaited: [`${md5Of(tree)}.dir`] });
    expect(await versionsOf('balanced')).toEqual([]);
  });

  it('makes no versions of many files that came unasked to a server that has just come up', async () => {
    const app = createApp(service.ctx);
    const texts = Array.from({ length: 11 }, (_, i) => `unasked, ${i}`);
    const send = (text: string) =>
      app.request(`/dvc/default/came-up/files/md5/${split(md5Of(text))}`, {
        method: 'POST',
        body: text,
        headers: { 'user-agent': 'Python/3.11 aiohttp/3', 'content-type': 'application/octet-stream' },
      });
    for (const text of texts) expect((await send(text)).status).toBe(201);
    expect(await settle('came-up')).toMatchObject({ state: 'incomplete', awaited: ['unknown'], versions: [] });
    // The next push asks for each, sends it, and makes versions where there is no folder.
    const dvc = client('came-up');
    for (const text of texts) {
      expect(await dvc.ask(md5Of(text))).toBe(404);
      await dvc.send(text);
    }
    expect((await settle('came-up')).versions).toHaveLength(11);
  });

  it('makes no dataset when all of it is refused', async () => {
    const dvc = client('typo');
    await dvc.send('evil', md5Of('not evil'));
    expect((await service.send('GET', '/v1/datasets/typo')).status).toBe(404);
    await dvc.send('taken');
    expect(await newest('typo')).toMatchObject({ objects: { new: 1, refused: 1 } });
  });

  it('notes what was refused, and that it was taken later', async () => {
    const dvc = client('refused');
    await dvc.send('first');
    await settle('refused');
    await dvc.send('evil', md5Of('good'));
    expect(await newest('refused')).toMatchObject({ objects: { new: 0, refused: 1 } });
    await dvc.send('good');
    expect(await newest('refused')).toMatchObject({ objects: { new: 1, refused: 0 } });
  });
});

describe('settling', () => {
  it('leaves open what something came to meanwhile, and repeats nothing', async () => {
    const dvc = client('late');
    await dvc.send('a,b\n1,1\n');
    const { id } = await newest('late');
    await service.ctx.db.execute(sql`update push_sessions set quiet_at = quiet_at - interval '1 hour'`);
    await service.ctx.db.execute(sql`update push_objects set at = at - interval '1 hour'`);
    const { ctx } = service;
    // The second file comes while the version of the first one is made.
    const remote = Object.create(ctx.remote, {
      read: {
        value: async (...asked: Parameters<typeof ctx.remote.read>) => {
          await dvc.send('a,b\n2,2\n');
          return ctx.remote.read(...asked);
        },
      },
    });
    await settlePush({ ...ctx, remote }, { pushId: id });
    expect((await newest('late')).state).toBe('running');
    expect(await settle('late')).toMatchObject({ id, state: 'settled', versions: ['v1', 'v2'] });
    await settlePush(ctx, { pushId: id });
    expect(await versionsOf('late')).toHaveLength(2);
  });

  it('of what has rotted meanwhile ends, and says so', async () => {
    const dvc = client('rotten');
    await dvc.send('a,b\n9,9\n');
    await service.ctx.db.execute(sql`update objects set quarantined_at = now() where oid = ${md5Of('a,b\n9,9\n')}`);
    const settled = await settle('rotten');
    expect(settled).toMatchObject({ state: 'settled', versions: [] });
    const objects = await service.send('GET', `/v1/datasets/rotten/pushes/${settled.id}/objects`);
    expect(objects.body.items).toMatchObject([{ state: 'new' }]);
  });

  it('begins a new push for what comes after the end, in the transaction that takes it', async () => {
    const dvc = client('after');
    await dvc.send('one, first\n');
    const first = await settle('after');
    await dvc.send('two, second\n');
    expect(await newest('after')).toMatchObject({ state: 'running', objects: { new: 1 } });
    expect((await newest('after')).id).not.toBe(first.id);
    const jobs = await service.ctx.sql`select 1 from jobs where key = ${`push:${(await newest('after')).id}`}`;
    expect(jobs).toHaveLength(1);
  });
});

describe('the name of what was pushed', () => {
  it('comes from a pointer, to the version that is there', async () => {
    const dvc = client('named');
    const oid = await dvc.send('a,b\n7,7\n');
    await settle('named');
    const before = (await versionsOf('named'))[0];
    const pointer = `outs:\n- md5: ${oid}\n  size: 8\n  hash: md5\n  path: train.csv\n`;
    const named = await service.send('POST', '/v1/datasets/named/versions', { pointer });
    expect([named.status, named.body]).toMatchObject([200, { ref: 'v1', path: 'train.csv', created: false }]);
    expect(named.body.sha256_root).not.toBe(before?.sha256_root);
    expect(await versionsOf('named')).toHaveLength(1);
    // It has its name now; another name for the same bytes is another version.
    const other = pointer.replace('train', 'test');
    expect((await service.send('POST', '/v1/datasets/named/versions', { pointer: other })).body.ref).toBe('v2');
    // The next push is called as the newest one, and the same bytes are what they were.
    await dvc.send('a,b\n8,8\n');
    expect((await settle('named')).versions).toEqual(['v3']);
    expect((await versionsOf('named'))[2]).toMatchObject({ path: 'test.csv' });
  });

  it('comes from dvc.lock, which says it of one output, or has to be asked for one', async () => {
    const dvc = client('locked');
    const oid = await dvc.send('a,b\n6,6\n');
    await settle('locked');
    const out = (path: string, md5: string) =>
      `    - path: ${path}\n      hash: md5\n      md5: ${md5}\n      size: 8\n`;
    const outs = out('metrics.json', md5Of('never sent')) + out('out/train.csv', oid);
    const pointer = `schema: '2.0'\nstages:\n  train:\n    cmd: make\n    outs:\n${outs}`;
    const unclear = await service.send('POST', '/v1/datasets/locked/versions', { pointer });
    expect([unclear.status, unclear.body.detail]).toEqual([422, expect.stringContaining('"out/train.csv"')]);
    const named = await service.send('POST', '/v1/datasets/locked/versions', { pointer, path: 'out/train.csv' });
    expect(named.body).toMatchObject({ ref: 'v1', path: 'out/train.csv', created: false });
  });

  it('comes from a pointer of DVC 2 as well', async () => {
    const dvc = client('old-named');
    const crlf = 'x,y\r\n5,5\r\n';
    const name = md5Of(crlf.replaceAll('\r', ''));
    await dvc.send(crlf, name, '');
    const tree = manifest([['t.csv', name]]);
    await dvc.send(tree, `${md5Of(tree)}.dir`, '');
    await settle('old-named');
    const folder = await service.send('POST', '/v1/datasets/old-named/versions', {
      pointer: `outs:\n- md5: ${md5Of(tree)}.dir\n  size: ${crlf.length}\n  nfiles: 1\n  path: data\n`,
    });
    expect(folder.body).toMatchObject({ ref: 'v1', path: 'data', created: false });
    const file = await service.send('POST', '/v1/datasets/old-named/versions', {
      pointer: `outs:\n- md5: ${name}\n  size: ${crlf.length}\n  path: t.csv\n`,
    });
    expect(file.body).toMatchObject({ ref: 'v2', path: 't.csv', md5: md5Of(crlf), created: true });
  });

  it('comes with a git revision and the words of whoever has it, also where the name is the one it has', async () => {
    const dvc = client('said');
    const first = await dvc.sendFolder({ a: 'one' });
    await settle('said');
    const second = await dvc.sendFolder({ a: 'two' });
    await settle('said');
    const say = (oid: string, notes: object) =>
      service.send('POST', '/v1/datasets/said/versions', {
        pointer: `outs:\n- md5: ${oid}\n  nfiles: 1\n  hash: md5\n  path: data\n`,
        ...notes,
      });
    const notes = { git_rev: '1234567', message: 'first export', labels: { team: 'risk' } };
    expect((await say(first, notes)).body).toMatchObject({ ref: 'v1', path: 'data', created: false, ...notes });
    expect((await say(second, { git_rev: 'abcdef0' })).body).toMatchObject({ ref: 'v2', git_rev: 'abcdef0' });
    // Said once: the next commit that names it changes nothing.
    expect((await say(second, { git_rev: '0000000' })).body).toMatchObject({ ref: 'v2', git_rev: 'abcdef0' });
    const third = await dvc.sendFolder({ a: 'three' });
    expect((await settle('said')).versions).toEqual(['v3']);
    expect((await say(third, { git_rev: '7654321' })).body).toMatchObject({ ref: 'v3', git_rev: '7654321' });
    expect(await versionsOf('said')).toHaveLength(3);
  });

  it('may come before the push has settled', async () => {
    const dvc = client('early');
    const folder = await dvc.sendFolder({ a: 'early' });
    const pointer = `outs:\n- md5: ${folder}\n  nfiles: 1\n  hash: md5\n  path: data\n`;
    expect((await service.send('POST', '/v1/datasets/early/versions', { pointer })).status).toBe(201);
    expect(await settle('early')).toMatchObject({ versions: ['v1'] });
    expect(await versionsOf('early')).toMatchObject([{ path: 'data' }]);
  });
});

describe('the page of a dataset', () => {
  it('shows its pushes, and keeps itself up to date while one runs', async () => {
    const dvc = client('page', '<b>agent</b>');
    await dvc.sendFolder({ a: 'shown' });
    const running = await service.send('GET', '/p/default/datasets/page');
    expect(running.text).toContain('data-refresh="2"');
    expect(running.text).toContain('state running');
    await settle('page');
    const settled = await service.send('GET', '/p/default/datasets/page');
    expect(settled.text).not.toContain('data-refresh');
    expect(settled.text).toContain('2 objects new');
    expect(settled.text).toContain('&lt;b&gt;agent&lt;/b&gt;');
    expect(settled.text).toContain('pushed with dvc');
  });

  it('names some of the versions of a push of many files', async () => {
    const dvc = client('page-of-many');
    for (let i = 0; i < 12; i++) {
      await dvc.ask(md5Of(`many, ${i}`));
      await dvc.send(`many, ${i}`);
    }
    expect((await settle('page-of-many')).versions).toHaveLength(12);
    const { text } = await service.send('GET', '/p/default/datasets/page-of-many');
    const list = text.slice(text.indexOf('Pushes with dvc')).replaceAll(/<[^>]*>/g, '');
    expect(list).toContain('v10and 2 more versions');
    expect(list).not.toContain('v11');
  });
});

describe('lists of pushes', () => {
  it('are paged, and know no others', async () => {
    for (const agent of ['a', 'b', 'c']) await client('paged', agent).send(`by ${agent}`);
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await service.send('GET', `/v1/datasets/paged/pushes?limit=1${cursor}`);
      seen.push(...(body.items as Push[]).map(({ id }) => id));
      cursor = typeof body.next === 'string' ? `&cursor=${body.next}` : '';
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(3);
    const foreign = (await newest('folder')).id;
    for (const path of [foreign, `${foreign}/objects`, 'push_x']) {
      expect((await service.send('GET', `/v1/datasets/paged/pushes/${path}`)).status).toBe(404);
    }
    expect((await service.send('GET', '/v1/datasets/nobody/pushes')).status).toBe(404);
    for (const bad of ['pushes?cursor=IngiIA', `pushes/${(await newest('paged')).id}/objects?cursor=Ingi`]) {
      expect((await service.send('GET', `/v1/datasets/paged/${bad}`)).status).toBe(400);
    }
  });
});
