import { afterAll, beforeAll, expect, it } from 'vitest';
import { withReferenceFiles } from '../../../src/domain/reference/reference-files.ts';
import { type DatasetService, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(() => service.close());

it('are copied once, and anew where their version is to be read otherwise', async () => {
  await service.send('POST', '/v1/datasets/sales/versions?path=x.csv', 'a;b\n1,5;2\n');
  const [version] = await service.ctx.sql<{ id: number; projectId: number }[]>`
    select id::int, project_id as "projectId" from versions`;
  const reference = { projectId: version!.projectId, versionId: version!.id, fresh: false };
  const read = () => withReferenceFiles(service.ctx, reference, async ([first]) => first!);
  const plain = await read();
  expect(await read()).toBe(plain);
  expect(plain.csv).toEqual({});
  // Nothing rests on it, so that it is read anew.
  await service.send('PATCH', '/v1/datasets/sales', { reading: { decimal: ',' } });
  expect((await read()).csv).toEqual({ decimal: ',' });
});
