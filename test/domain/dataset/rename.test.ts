import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatasetService, md5Of, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(() => service.close());

const push = (dataset: string, bytes: string) =>
  service.send('POST', `/v1/datasets/${dataset}/versions?path=x.csv`, bytes);
const rename = (dataset: string, name: string) => service.send('PATCH', `/v1/datasets/${dataset}`, { name });
const dvcPush = (dataset: string, bytes: string) => {
  const oid = md5Of(bytes);
  return service.send('POST', `/dvc/default/${dataset}/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`, bytes);
};
const namesOf = async (): Promise<unknown[]> => {
  const { body } = await service.send('GET', '/v1/datasets');
  return (body['items'] as { name: string }[]).map(({ name }) => name);
};

describe('a dataset that is called otherwise', () => {
  it('has all that it had, and its former name finds it, also to push', async () => {
    await push('old', 'x\n1\n');
    const renamed = await rename('old', 'new');
    expect([renamed.status, renamed.body]).toEqual([
      200,
      expect.objectContaining({ name: 'new', former_names: ['old'], reread: [], kept: [] }),
    ]);
    expect((await service.send('GET', '/v1/datasets/old')).body).toMatchObject({ name: 'new', latest: { ref: 'v1' } });
    expect((await service.send('GET', '/v1/datasets/old/versions/v1/files/x.csv')).text).toBe('x\n1\n');
    expect((await push('old', 'x\n2\n')).body).toMatchObject({ ref: 'v2', created: true });
    expect((await push('new', 'x\n3\n')).body).toMatchObject({ ref: 'v3', created: true });
    expect(await namesOf()).toEqual(['new']);
    // Saying the same again changes nothing.
    expect((await rename('old', 'new')).body).toMatchObject({ name: 'new', former_names: ['old'] });
    expect((await service.send('GET', '/v1/audit?action=dataset.renamed')).body).toMatchObject({
      items: [{ subject: 'new', details: { from: 'old' } }],
    });
  });

  it('goes on being a remote at its former address', async () => {
    await push('remote', 'x\n1\n');
    await rename('remote', 'moved');
    expect((await dvcPush('remote', 'x\n10\n')).status).toBe(201);
    expect((await dvcPush('moved', 'x\n11\n')).status).toBe(201);
    const pushes = await service.send('GET', '/v1/datasets/moved/pushes');
    expect(pushes.body).toMatchObject({ items: [{ objects: { new: 2 } }] });
    const held = md5Of('x\n1\n');
    const pulled = await service.send('GET', `/dvc/default/remote/files/md5/${held.slice(0, 2)}/${held.slice(2)}`);
    expect([pulled.status, pulled.text]).toEqual([200, 'x\n1\n']);
  });

  it('takes no name that another has, but one that another had', async () => {
    await push('one', 'x\n1\n');
    await push('two', 'x\n2\n');
    expect((await rename('one', 'two')).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('There is a dataset "two" already'),
    });
    // Said at once with how it is read: nothing of it is done.
    await service.send('PATCH', '/v1/datasets/one', { name: 'two', reading: { decimal: ',' } });
    expect((await service.send('GET', '/v1/datasets/one')).body).toMatchObject({ name: 'one', reading: {} });
    await rename('one', 'uno');
    const taking = await rename('two', 'one');
    expect(taking.body).toMatchObject({ name: 'one', former_names: ['two'] });
    expect((await service.send('GET', '/v1/datasets/uno')).body).toMatchObject({ former_names: [] });
    expect((await service.send('GET', '/v1/datasets/one/versions/v1/files/x.csv')).text).toBe('x\n2\n');
    // And back again.
    expect((await rename('one', 'two')).body).toMatchObject({ name: 'two', former_names: ['one'] });
    expect((await rename('two', 'one')).body).toMatchObject({ name: 'one', former_names: ['two'] });
  });

  it('is one dataset still where others push meanwhile under either name', async () => {
    await push('before', 'x\n1\n');
    const pushed = await Promise.all([
      rename('before', 'after'),
      ...Array.from({ length: 4 }, (_, i) => push('before', `x\n${10 + i}\n`)),
    ]);
    expect(pushed.map(({ status }) => status)).toEqual([200, 201, 201, 201, 201]);
    const names = await namesOf();
    expect([names.includes('before'), names.includes('after')]).toEqual([false, true]);
    expect((await service.send('GET', '/v1/datasets/after')).body).toMatchObject({ latest: { ref: 'v5' } });
  });

  it('is called by a name, and by an admin', async () => {
    await push('named', 'x\n1\n');
    expect((await rename('named', '../etc')).status).toBe(422);
    expect((await service.send('PATCH', '/v1/datasets/named', {})).status).toBe(422);
    expect((await rename('nowhere', 'somewhere')).status).toBe(404);
    const key = async (scope: string) =>
      String((await service.send('POST', '/v1/keys', { name: scope.replace(':', '-'), scopes: [scope] })).body['key']);
    const admin = await key('admin');
    const made = await service.send(
      'POST',
      '/v1/keys',
      { name: 'writer', scopes: ['data:write'] },
      { authorization: `Bearer ${admin}` },
    );
    const refused = await service.send(
      'PATCH',
      '/v1/datasets/named',
      { name: 'mine' },
      { authorization: `Bearer ${String(made.body['key'])}` },
    );
    expect(refused.status).toBe(403);
  });
});
