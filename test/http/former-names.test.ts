import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { md5Of } from '../support/datasets.ts';
import { type StorageService, startStorageService } from '../support/storage.ts';

let service: StorageService;
let push = '';
beforeAll(async () => {
  service = await startStorageService();
  for (const text of ['id,x\n1,1\n2,5\n', 'id,x\n1,2\n2,5\n3,7\n']) {
    await service.send('POST', '/v1/datasets/former/versions?path=x.csv', text);
  }
  const oid = md5Of('id,x\n9,9\n');
  await service.send('PUT', `/dvc/default/former/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`, 'id,x\n9,9\n');
  await service.drain(['profile-version']);
  await service.send('PATCH', '/v1/datasets/former', { name: 'present' });
  const pushes = await service.send('GET', '/v1/datasets/present/pushes');
  push = (pushes.body.items as { id: string }[])[0]?.id ?? '';
});
afterAll(() => service.close());

/** Every call of a dataset, by its operation, with the body that it takes. */
const CALLS: readonly [id: string, method: string, path: string, body?: object | string][] = [
  ['getDataset', 'GET', ''],
  ['updateDataset', 'PATCH', '', { reading: {} }],
  ['listVersions', 'GET', '/versions'],
  ['createVersion', 'POST', '/versions?path=x.csv', 'id,x\n1,3\n'],
  ['getVersion', 'GET', '/versions/v1'],
  ['listFiles', 'GET', '/versions/v1/files'],
  ['getArchive', 'GET', '/versions/v1/archive'],
  ['getPointer', 'GET', '/versions/v1/dvc'],
  ['getProfile', 'GET', '/versions/v1/profile'],
  ['getSchema', 'GET', '/versions/v1/schema'],
  ['getRelations', 'GET', '/versions/v1/relations'],
  ['diffVersions', 'GET', '/versions/v2/diff?against=v1'],
  ['diffVersions', 'GET', '/versions/v2/diff?against=former@v1&rows=true&key=id'],
  ['updateVersion', 'PATCH', '/versions/v1', { message: 'x' }],
  ['deriveVersion', 'POST', '/versions/derive', { sources: ['v1', 'former@v2'], rows: {} }],
  ['listTags', 'GET', '/tags'],
  ['putTag', 'PUT', '/tags/prod', { ref: 'v1' }],
  ['deleteTag', 'DELETE', '/tags/prod'],
  ['listPushes', 'GET', '/pushes'],
  ['getPush', 'GET', '/pushes/{push}'],
  ['listPushObjects', 'GET', '/pushes/{push}/objects'],
  ['getDatasetRetention', 'GET', '/retention'],
  ['putDatasetRetention', 'PUT', '/retention', { last: 3 }],
  ['deleteDatasetRetention', 'DELETE', '/retention'],
  ['deleteVersion', 'DELETE', '/versions/v1'],
  ['restoreVersion', 'POST', '/versions/v1/restore'],
  ['deleteDataset', 'DELETE', ''],
  ['restoreDataset', 'POST', '/restore'],
];

/** They answer with bytes. */
const BYTES = ['getFile'];

describe('a dataset that is asked for by its former name', () => {
  it.each(CALLS)('%s: %s %s answers with its present one', async (_, method, path, body) => {
    const answer = await service.send(method, `/v1/datasets/former${path.replace('{push}', push)}`, body);
    expect([path, answer.status], answer.text).toEqual([path, expect.toSatisfy((status: number) => status < 300)]);
    const said = `${answer.text} ${answer.headers.get('content-disposition') ?? ''}`;
    expect(said.replaceAll(/"former_names":\["former"\]/g, '')).not.toMatch(/\bformer\b/);
  });

  it('is in the audit by its present one', async () => {
    const { text } = await service.send('GET', '/v1/audit');
    expect(text.replaceAll('"from":"former"', '')).not.toMatch(/\bformer\b/);
  });

  it('every call of a dataset is among these', async () => {
    const { body } = await service.send('GET', '/openapi.json');
    const paths = Object.entries(body.paths as Record<string, Record<string, { operationId: string }>>);
    const ids = paths
      .filter(([path]) => path.startsWith('/v1/datasets/{dataset}'))
      .flatMap(([, methods]) => Object.values(methods).map(({ operationId }) => operationId));
    expect(ids.toSorted()).toEqual([...new Set([...CALLS.map(([id]) => id), ...BYTES])].toSorted());
  });
});
