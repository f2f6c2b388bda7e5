import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eraseProject } from '../../../src/domain/project/erase.ts';
import { md5Of } from '../../support/datasets.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
});
afterAll(() => service.close());

const make = (name: string) => service.send('POST', '/v1/projects', { name });
const rename = (project: string, name: string) => service.send('PATCH', `/v1/projects/${project}`, { name });
const push = (project: string, bytes: string, headers: Record<string, string> = {}) =>
  service.send('POST', `/v1/datasets/d/versions?path=x.csv&project=${project}`, bytes, headers);
const versionsOf = async (project: string): Promise<unknown> =>
  (await service.send('GET', `/v1/datasets/d/versions?project=${project}`)).body['items'];
const objectOf = (project: string, bytes: string): string => {
  const oid = md5Of(bytes);
  return `/dvc/${project}/d/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`;
};

describe('a project that is called otherwise', () => {
  it('has all that it had, and its former name finds it', async () => {
    await make('old');
    await push('old', 'x\n1\n');
    const renamed = await rename('old', 'new');
    expect([renamed.status, renamed.body]).toEqual([
      200,
      expect.objectContaining({ name: 'new', former_names: ['old'], holds: expect.objectContaining({ datasets: 1 }) }),
    ]);
    expect((await push('old', 'x\n2\n')).body).toMatchObject({ ref: 'v2' });
    expect((await push('new', 'x\n3\n')).body).toMatchObject({ ref: 'v3' });
    expect(await versionsOf('old')).toHaveLength(3);
    expect((await service.send('GET', '/v1/projects/old')).body).toMatchObject({ name: 'new', former_names: ['old'] });
    // Saying the same again changes nothing.
    expect((await rename('old', 'new')).body).toMatchObject({ name: 'new', former_names: ['old'] });
    expect([(await make('old')).status, (await make('old')).body['name']]).toEqual([200, 'new']);
    for (const project of ['default', 'new', 'old']) {
      expect((await service.send('GET', `/v1/audit?action=project.renamed&project=${project}`)).body).toMatchObject({
        items: [{ subject: 'new', details: { from: 'old' } }],
      });
    }
  });

  it('goes on being a remote at its former address', async () => {
    await make('remote');
    await push('remote', 'held\n1\n');
    await rename('remote', 'moved');
    for (const project of ['remote', 'moved']) {
      const read = await service.send('GET', objectOf(project, 'held\n1\n'));
      expect([read.status, read.text]).toEqual([200, 'held\n1\n']);
      expect((await service.send('POST', objectOf(project, `by ${project}`), `by ${project}`)).status).toBe(201);
    }
    const greeted = await service.send('GET', '/dvc/remote/d');
    expect(greeted.text).toContain('A DVC remote of the project "moved"');
    expect((await service.send('GET', '/v1/datasets/d/pushes?project=moved')).body).toMatchObject({
      items: [{ objects: { new: 2 } }],
    });
  });

  it('takes no name that another has, but one that another had', async () => {
    await make('one');
    await make('two');
    const taken = await rename('one', 'two');
    expect(taken.body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('There is a project "two" already'),
    });
    await rename('two', 'three');
    expect((await rename('one', 'two')).body).toMatchObject({ name: 'two', former_names: ['one'] });
    expect((await service.send('GET', '/v1/projects/three')).body).toMatchObject({ former_names: [] });
    // And back.
    expect((await rename('one', 'one')).body).toMatchObject({ name: 'one', former_names: ['two'] });
    expect((await rename('default', 'other')).body).toMatchObject({ status: 409 });
    expect((await rename('nowhere', 'other')).status).toBe(404);
    expect((await rename('one', 'no name')).status).toBe(422);
    expect((await service.send('PATCH', '/v1/projects/one', {})).status).toBe(422);
  });

  it('is one of them where two are called so at once', async () => {
    await make('left');
    await make('right');
    const answers = await Promise.all([rename('left', 'both'), rename('right', 'both')]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  it('is not deleted by its former name, is gone by each of its names, and is restored by one', async () => {
    await make('going');
    await rename('going', 'gone');
    expect((await service.send('DELETE', '/v1/projects/going?confirm=going')).status).toBe(400);
    expect((await service.send('DELETE', '/v1/projects/going?confirm=gone')).body).toMatchObject({ name: 'gone' });
    for (const name of ['going', 'gone']) expect((await push(name, 'x')).status).toBe(410);
    expect((await service.send('GET', objectOf('going', 'x'))).status).toBe(410);
    expect((await make('going')).status).toBe(409);
    expect((await rename('gone', 'back')).status).toBe(410);
    await make('other');
    expect((await rename('other', 'gone')).body).toMatchObject({ status: 409 });
    expect((await service.send('POST', '/v1/projects/going/restore')).body).toMatchObject({ name: 'gone' });
    expect((await push('going', 'x\n1\n')).status).toBe(201);
  });

  it('leaves all its names free when it is erased', async () => {
    await make('first');
    await rename('first', 'second');
    await push('first', 'to be erased\n1\n');
    await service.send('DELETE', '/v1/projects/second?confirm=second&undo_seconds=0');
    const [row] = await service.ctx.sql`select id from projects where name = 'second'`;
    await service.ctx.sql`delete from jobs where project_id = ${Number(row?.['id'])}`;
    await eraseProject(service.ctx, { project: Number(row?.['id']) });
    expect((await service.send('GET', '/v1/projects/second')).status).toBe(404);
    expect((await make('first')).body).toMatchObject({ name: 'first', former_names: [] });
    expect(await versionsOf('first')).toBeUndefined();
  });

  it('keeps its keys, which name it as they did; none but of who runs the service renames it', async () => {
    await make('kept');
    const keyOf = async (project: string, scopes: string[], key?: string): Promise<string> => {
      const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
      const made = await service.send('POST', '/v1/keys', { name: 'k', scopes, project }, headers);
      return String(made.body['key']);
    };
    const root = await keyOf('default', ['admin']);
    const own = await keyOf('kept', ['admin'], root);
    const asked = (method: string, path: string, key: string, body?: object | string) =>
      service.send(method, path, body, { authorization: `Bearer ${key}` });
    expect((await asked('PATCH', '/v1/projects/kept', own, { name: 'called' })).status).toBe(403);
    expect((await asked('PATCH', '/v1/projects/kept', root, { name: 'called' })).status).toBe(200);
    for (const project of ['kept', 'called']) {
      const at = `/v1/datasets/d/versions?path=x.csv&project=${project}`;
      expect((await asked('POST', at, own, `x\n${project}\n`)).status).toBe(201);
      expect((await asked('GET', objectOf(project, 'x\nkept\n'), own)).status).toBe(200);
    }
    expect((await asked('GET', '/v1/projects/kept', own)).body).toMatchObject({ name: 'called' });
    expect((await asked('GET', objectOf('new', 'x\nkept\n'), own)).status).toBe(404);
  });
});
