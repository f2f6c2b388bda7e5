import { afterAll, beforeAll, expect, it } from 'vitest';
import { findMismatches } from '../../../src/domain/operations/mismatches.ts';
import { createSecretBox } from '../../../src/store/access/secret-box.ts';
import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { type DatasetService, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService({ TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' });
});
afterAll(() => service.close());

it('tells a remote and a secret key that are not those of the database', async () => {
  const elsewhere = { ...service.ctx, remote: createMemoryRemote() };
  const foreign = { ...service.ctx, secrets: createSecretBox('another key') };
  // Nothing is held yet, and nothing sealed: a fresh service.
  expect(await Promise.all([elsewhere, foreign].map(findMismatches))).toEqual([[], []]);

  const md5 = await service.hold('some bytes');
  const hook = await service.send('POST', '/v1/webhooks', { url: 'http://127.0.0.1:9/hook' });
  expect(hook.status).toBe(201);
  expect(await findMismatches(service.ctx)).toEqual([]);
  expect(await findMismatches(elsewhere)).toEqual([expect.stringMatching(new RegExp(`${md5}.*TIDEMARK_REMOTE`))]);
  expect(await findMismatches(foreign)).toEqual([expect.stringMatching(/secret\.key.*TIDEMARK_SECRET_KEY/)]);

  // One that is lost among others is for a scrub to find.
  await service.hold('other bytes');
  await service.remote.remove(md5);
  expect(await findMismatches(service.ctx)).toEqual([]);
  // What is known to be lost is told elsewhere.
  await service.ctx.sql`update objects set quarantined_at = now()`;
  expect(await findMismatches(elsewhere)).toEqual([]);
});
