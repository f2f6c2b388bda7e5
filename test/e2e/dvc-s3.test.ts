import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type S3Server, startVersitygw } from '../support/versitygw.ts';
import { createApi } from './api.ts';
import { contentsOf, createDvcUser, DVC, type DvcUser, forget, writeFiles } from './dvc-command.ts';
import { type RunningService, removeFolder, startService, until } from './service.ts';

/** The `dvc` command on a service whose objects lie in a bucket, and past it on the bucket itself. */
const versitygw = process.env.VERSITYGW;
const missing = DVC === undefined || versitygw === undefined;

if (missing) console.warn('DVC or VERSITYGW is not set: dvc is not used with objects in S3.');

const FILES = { 'a.csv': 'a,b\n1,2\n', 'sub/ü b.csv': 'a,b\n3,4\n', 'empty.txt': '' };

describe.skipIf(missing)('the dvc command and a bucket (skipped without DVC or VERSITYGW)', () => {
  let database: TestDatabase;
  let s3: S3Server;
  let service: RunningService;
  let ann: DvcUser;
  let bob: DvcUser;

  beforeAll(async () => {
    database = await createTestDatabase();
    s3 = await startVersitygw(versitygw ?? '');
    service = await start();
    ann = createDvcUser('ann');
    bob = createDvcUser('bob');
  });
  afterAll(async () => {
    await service.end();
    await s3.stop();
    await database.drop();
    for (const folder of [service.data, ann.folder, bob.folder]) removeFolder(folder);
  });

  const start = (given: { data?: string; port?: number } = {}) =>
    startService({
      ...given,
      env: {
        DATABASE_URL: database.url,
        TIDEMARK_REMOTE: `s3://${s3.bucket}/some/prefix`,
        TIDEMARK_SECRET_KEY: 'the key of every process of this installation',
        TIDEMARK_PUSH_QUIET_SECONDS: '1',
        AWS_ENDPOINT_URL: s3.endpoint,
        AWS_ACCESS_KEY_ID: s3.accessKey,
        AWS_SECRET_ACCESS_KEY: s3.secretKey,
        AWS_REGION: 'us-east-1',
      },
    });

  function workspace(user: DvcUser, name: string): string {
    const work = user.workspace(name);
    user.run(work, 'remote', 'add', '--default', 'tm', `${service.url}/dvc/default/${name}`);
    return work;
  }

  function copyPointers(from: string, to: string): void {
    for (const name of readdirSync(from).filter((file) => /.\.dvc$/.test(file))) {
      writeFileSync(join(to, name), readFileSync(join(from, name)));
    }
  }

  test('push and pull, and pull with its own S3 remote from where the service put it', () => {
    const work = workspace(ann, 'bucket');
    writeFiles(join(work, 'data'), FILES);
    ann.run(work, 'add', 'data');
    expect(ann.run(work, 'push')).toContain('4 files pushed');
    forget(work, 'data');
    ann.run(work, 'pull');
    expect(contentsOf(join(work, 'data'))).toEqual(FILES);

    const direct = bob.workspace('direct');
    bob.run(direct, 'remote', 'add', '--default', 'bucket', `s3://${s3.bucket}/some/prefix`);
    for (const [name, value] of [
      ['endpointurl', s3.endpoint],
      ['access_key_id', s3.accessKey],
      ['secret_access_key', s3.secretKey],
      ['region', 'us-east-1'],
    ] as const) {
      bob.run(direct, 'remote', 'modify', 'bucket', name, value);
    }
    copyPointers(work, direct);
    bob.run(direct, 'pull');
    expect(contentsOf(join(direct, 'data'))).toEqual(FILES);
  });

  test('a service that is killed in the middle of a push loses nothing that it said it has', async () => {
    const files = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`f${i}.csv`, `a,b\n${i},1\n`]));
    const work = workspace(ann, 'killed');
    writeFiles(join(work, 'data'), files);
    ann.run(work, 'add', 'data');
    const pushing = ann.start(work, 'push');
    const ended = new Promise((resolve) => pushing.once('exit', resolve));
    const api = createApi(service.url);
    type Pushes = { readonly items: readonly { readonly state: string; readonly objects: { readonly new: number } }[] };
    const sent = () =>
      api.get<Pushes>('/v1/datasets/killed/pushes').then(
        ({ items }) => items[0]?.objects.new ?? 0,
        () => 0,
      );
    await until('some files to be there', async () => ((await sent()) >= 20 ? true : null));
    await service.end('SIGKILL');
    expect(await ended).not.toBe(0);
    service = await start({ data: service.data, port: service.port });
    // What was acknowledged is not sent again, and all of it is one version.
    ann.run(work, 'push');
    const settled = await until('the version', async () => {
      const { items } = await api.get<Pushes>('/v1/datasets/killed/pushes');
      return items.every(({ state }) => state !== 'running') ? items : null;
    });
    const objects = settled.reduce((sum, push) => sum + push.objects.new, 0);
    expect(objects).toBe(401);
    const versions = await api.get<{ items: readonly { oid: string; files: number }[] }>(
      '/v1/datasets/killed/versions',
    );
    expect(versions.items).toMatchObject([{ ref: 'v1', files: 400 }]);
    forget(work, 'data');
    ann.run(work, 'pull');
    expect(contentsOf(join(work, 'data'))).toEqual(files);
  });
});
