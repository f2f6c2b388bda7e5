import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileVersion } from '../../../src/domain/profile/profile.ts';
import { createApp } from '../../../src/http/app.ts';
import { listen } from '../../../src/http/server.ts';
import { claimJob } from '../../../src/store/jobs/jobs.ts';
import { type DatasetService, startDatasetService } from '../../support/datasets.ts';
import { run } from '../tables/against.ts';

let service: DatasetService;
let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  service = await startDatasetService();
  server = await listen(createApp(service.ctx), { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close(1000);
  await service.close();
});

const shown = async (): Promise<string> =>
  (await run(tmpdir(), `http://127.0.0.1:${server.port}`, ['show', 'odd'])).out;

describe('tidemark show', () => {
  it('says why a version has no profile', async () => {
    await service.send('POST', '/v1/datasets/odd/versions?path=x.csv', 'a,a\n1,2\n');
    expect(await shown()).toMatch(/^profile +pending$/m);
    const job = await claimJob(service.ctx.db, ['profile-version'], 60);
    await profileVersion(service.ctx, job?.payload as { versionId: number });
    expect(await shown()).toMatch(/^profile +failed: .*used more than once: a/m);
  });
});
