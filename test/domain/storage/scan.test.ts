import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../src/context.ts';
import type { ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { collidingPair, md5, sha256 } from '../../support/bytes.ts';
import { md5Of } from '../../support/datasets.ts';
import { manifestOf, type StorageService, startStorageService } from '../../support/storage.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
  await service.send('POST', '/v1/projects', { name: 'other' });
});
afterAll(() => service.close());
beforeEach(async () => {
  await service.ctx.sql`delete from storage_findings`;
  await service.ctx.sql`delete from storage_runs`;
  await service.ctx.sql`delete from jobs`;
  await service.ctx.sql`delete from manifest_entries`;
  await service.ctx.sql`delete from objects`;
  await service.ctx.sql`delete from object_tombstones`;
  await service.ctx.sql`delete from legacy_names`;
  service.remote.objects.clear();
  service.remote.legacy.clear();
});

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
/** As `dvc push` does it: straight into the remote. */
const write = (text: string, name = md5Of(text)): string => {
  service.remote.objects.set(name, encode(text));
  return name;
};
const writeFolder = (files: Readonly<Record<string, string>>): string => {
  for (const text of Object.values(files)) write(text);
  const manifest = manifestOf(files);
  return write(manifest, `${md5Of(manifest)}.dir`);
};
const status = async (oid: string, headers = {}) =>
  (await service.send('GET', `/v1/objects/${oid}`, undefined, headers)).status;

describe('a scan', () => {
  it('takes files and folders that others wrote into the remote, where they lie, and finds nothing new after', async () => {
    const folder = writeFolder({ 'a.csv': 'a\n1\n', 'sub/b.csv': 'b\n2\n' });
    const alone = write('alone');
    const kept = [...service.remote.objects];
    const run = await service.work('/v1/remote/scan');
    expect(run).toMatchObject({ state: 'done', progress: { seen: 4, registered: 4, findings: 0 } });
    for (const oid of [folder, alone, md5Of('a\n1\n')]) expect(await status(oid), oid).toBe(200);
    expect([...service.remote.objects]).toEqual(kept);
    const version = await service.send('POST', '/v1/datasets/adopted/versions', { oid: folder });
    expect(version.body).toMatchObject({ ref: 'v1', files: 2, bytes: 8, created: true });
    const again = await service.work('/v1/remote/scan');
    expect(again.progress).toMatchObject({ known: 4, bytes: 0, findings: 0 });
  });

  it('reports what is corrupt, and takes neither it nor the folder that lists it', async () => {
    const folder = writeFolder({ good: 'good', bad: 'bad' });
    const whole = writeFolder({ good: 'good' });
    write('rotten', md5Of('bad'));
    const run = await service.work('/v1/remote/scan');
    expect(await service.findings(run)).toEqual([`corrupt ${md5Of('bad')}`, `incomplete ${folder}`]);
    expect(run.progress).toMatchObject({ registered: 2, corrupt: 1, incomplete: 1 });
    expect([await status(md5Of('bad')), await status(folder), await status(whole)]).toEqual([404, 404, 200]);
    // Mended by whoever owns the data, it is found whole the next time.
    write('bad');
    expect((await service.work('/v1/remote/scan')).progress).toMatchObject({ registered: 2, known: 2, findings: 0 });
    expect(await status(folder)).toBe(200);
  });

  it('refuses a manifest that leads out of its folder', async () => {
    const evil = `[{"md5": "${write('x')}", "relpath": "../../etc/passwd"}]`;
    const name = write(evil, `${md5Of(evil)}.dir`);
    const run = await service.work('/v1/remote/scan');
    expect(await service.findings(run)).toEqual([`invalid-manifest ${name}`]);
    expect(await status(name)).toBe(404);
  });

  it('goes on behind what it had written when it is killed, and registers everything once', async () => {
    const names = Array.from({ length: 450 }, (_, i) => write(`object ${i}`)).sort();
    const begun = await service.send('POST', '/v1/remote/scan', {});
    let reads = 0;
    const dying: Context = {
      ...service.ctx,
      remote: new Proxy(service.remote as ObjectRemote, {
        get: (target, name) =>
          name === 'read'
            ? (oid: string) => {
                if (++reads > 250) throw new Error('killed');
                return target.read(oid);
              }
            : Reflect.get(target, name).bind(target),
      }),
    };
    await service.drain(['advance-storage-run'], dying);
    const held = async () => {
      const rows = await service.ctx.sql<{ oid: string }[]>`select oid from objects order by oid`;
      return rows.map((row) => row.oid);
    };
    expect(await held()).toEqual(names.slice(0, 200));
    await service.ctx.sql`update jobs set run_at = now() - interval '1 second'`;
    await service.drain();
    expect(await held()).toEqual(names);
    const run = await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}`);
    expect(run.body).toMatchObject({ state: 'done', progress: { seen: 450, registered: 450 } });
  });

  it('takes one named folder with its members and nothing else', async () => {
    const folder = writeFolder({ a: 'aa', b: 'bb' });
    const bystander = write('bystander');
    const run = await service.work('/v1/remote/scan', { oid: folder });
    expect(run.progress).toMatchObject({ registered: 3, seen: 3, findings: 0 });
    expect([await status(folder), await status(bystander)]).toEqual([200, 404]);
  });

  it('leaves alone what another project holds', async () => {
    const secret = await service.hold('of default');
    const theirs = { 'tidemark-project': 'other' };
    const begun = await service.send('POST', '/v1/remote/scan', {}, theirs);
    await service.drain();
    const run = await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}`, undefined, theirs);
    expect(run.body).toMatchObject({ state: 'done', progress: { passed: 1 } });
    expect(await status(secret, theirs)).toBe(404);
    expect(await status(secret)).toBe(200);
    // And a run of one project is none of another.
    expect((await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}`)).status).toBe(404);
  });

  it('finds that an object which is held has changed, and heals one whose bytes are good again', async () => {
    const oid = await service.hold('held');
    write('changed size', oid);
    const run = await service.work('/v1/remote/scan');
    expect(await service.findings(run)).toEqual([`corrupt ${oid}`]);
    expect(await status(oid)).toBe(404);
    write('held');
    expect((await service.work('/v1/remote/scan')).progress).toMatchObject({ healed: 1, findings: 0 });
    expect(await status(oid)).toBe(200);
  });

  it('does not set aside what was pushed anew while its wrong bytes were read', async () => {
    const oid = await service.hold('held');
    write('changed size', oid);
    const read = service.remote.read.bind(service.remote);
    service.remote.read = async (name, options) => {
      const wrong = await read(name, options);
      await service.hold('held');
      return wrong;
    };
    await service.work('/v1/remote/scan');
    service.remote.read = read;
    expect(await status(oid)).toBe(200);
  });
});

describe('a scan of what DVC 2 wrote', () => {
  it('gives each object the name of its bytes, also where CR LF was counted as LF', async () => {
    const plain = md5Of('plain');
    service.remote.legacy.set(plain, encode('plain'));
    const crlf = encode('a\r\nb\r\n');
    service.remote.legacy.set('dd8c6a395b5dd36c56d23275028f526c', crlf);
    service.remote.legacy.set(md5Of('good'), encode('evil'));
    const folder = manifestOf({ p: 'plain' });
    service.remote.legacy.set(`${md5Of(folder)}.dir`, encode(folder));
    const run = await service.work('/v1/remote/scan');
    expect(run.progress).toMatchObject({ registered: 3, corrupt: 1 });
    expect(await service.findings(run)).toEqual([`corrupt ${md5Of('good')}`]);
    expect([await status(plain), await status(md5(crlf)), await status(`${md5Of(folder)}.dir`)]).toEqual([
      200, 200, 200,
    ]);
    const again = await service.work('/v1/remote/scan');
    // Only what is corrupt is read once more.
    expect(again.progress).toMatchObject({ known: 6, findings: 1, bytes: 4 });
  });

  it('takes a folder whose files DVC 3 would name otherwise under its old name, and makes a version of it', async () => {
    const text = 'a\r\nb\r\n';
    const unix = 'dd8c6a395b5dd36c56d23275028f526c';
    service.remote.legacy.set(unix, encode(text));
    service.remote.legacy.set(md5Of('plain'), encode('plain'));
    write('plain');
    const folder = `[{"md5": "${unix}", "relpath": "crlf.txt"}, {"md5": "${md5Of('plain')}", "relpath": "p"}]`;
    service.remote.legacy.set(`${md5Of(folder)}.dir`, encode(folder));
    const lost = manifestOf({ gone: 'gone' });
    service.remote.legacy.set(`${md5Of(lost)}.dir`, encode(lost));
    const run = await service.work('/v1/remote/scan');
    expect(await service.findings(run)).toEqual([`incomplete ${md5Of(lost)}.dir`]);
    const legacy = `/dvc/default/${md5Of(folder).slice(0, 2)}/${md5Of(folder).slice(2)}.dir`;
    expect((await service.send('GET', legacy)).text).toBe(folder);
    expect((await service.send('GET', `/dvc/default/dd/${unix.slice(2)}`)).text).toBe(text);
    const pointer = `outs:\n- md5: ${md5Of(folder)}.dir\n  size: ${text.length + 5}\n  nfiles: 2\n  path: data\n`;
    const version = await service.send('POST', '/v1/datasets/old/versions', { pointer });
    expect([version.status, version.body.files]).toEqual([201, 2]);
    expect((await service.send('GET', '/v1/datasets/old/versions/v1/files/crlf.txt')).text).toBe(text);
  });
});

describe('the second content under one MD5', () => {
  const [first, second] = collidingPair();
  const name = md5(first);

  it('is refused on every way in while the first is held', async () => {
    expect((await service.send('PUT', `/v1/objects/${name}`, first)).status).toBe(201);
    const push = (bytes: Uint8Array) => service.send('POST', '/v1/datasets/c/versions?path=c.bin', bytes);
    expect((await push(first)).status).toBe(201);
    for (const answer of [
      await service.send('PUT', `/v1/objects/${name}`, second),
      await service.send('POST', `/v1/objects/${name}`, second),
      await push(second),
    ]) {
      expect([answer.status, answer.body.type]).toEqual([409, 'https://tidemark.dev/problems/digest-conflict']);
    }
    expect(service.remote.objects.get(name)).toEqual(new Uint8Array(first));
  });

  it('is refused although the first was replaced behind our back: the binding is in the database', async () => {
    await service.send('PUT', `/v1/objects/${name}`, first);
    service.remote.objects.set(name, second);
    for (const method of ['PUT', 'POST']) {
      expect((await service.send(method, `/v1/objects/${name}`, second)).status, method).toBe(409);
    }
    const run = await service.work('/v1/remote/scrub');
    expect(await service.findings(run)).toEqual([`corrupt ${name}`]);
    expect(await status(name)).toBe(404);
    // The scan finds the name held and its bytes wrong, and binds nothing anew.
    expect(await service.findings(await service.work('/v1/remote/scan'))).toEqual([`corrupt ${name}`]);
    // The first bytes cannot simply replace intact ones of the same name; whoever put those there must take them away.
    expect((await service.send('PUT', `/v1/objects/${name}`, first)).status).toBe(409);
    service.remote.objects.delete(name);
    expect((await service.send('PUT', `/v1/objects/${name}`, first)).status).toBe(201);
    expect(await status(name)).toBe(200);
  });

  it('is refused after the first was removed for good, by a push and by a scan', async () => {
    await service.send('PUT', `/v1/objects/${name}`, first);
    await service.ctx.sql`
      insert into object_tombstones (project_id, oid, sha256, size, origin, created_at, state, removed_at)
      select project_id, oid, sha256, size, origin, created_at, 'removed', now() from objects where oid = ${name}`;
    await service.ctx.sql`delete from objects where oid = ${name}`;
    service.remote.objects.delete(name);
    expect((await service.send('PUT', `/v1/objects/${name}`, second)).status).toBe(409);
    service.remote.objects.set(name, second);
    expect(await service.findings(await service.work('/v1/remote/scan'))).toEqual([`conflict ${name}`]);
    service.remote.objects.delete(name);
    expect((await service.send('PUT', `/v1/objects/${name}`, first)).status).toBe(201);
    expect(await status(name)).toBe(200);
  });

  it('is not taken from where DVC 2 would have written it', async () => {
    await service.send('PUT', `/v1/objects/${name}`, first);
    service.remote.legacy.set(name, new Uint8Array(second));
    expect(await service.findings(await service.work('/v1/remote/scan'))).toEqual([`conflict ${name}`]);
    expect(service.remote.objects.get(name)).toEqual(new Uint8Array(first));
    const [row] = await service.ctx.sql`select sha256 from objects where oid = ${name}`;
    expect(row?.sha256).toBe(sha256(first));
  });
});
