import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderMetrics } from '../../../src/domain/operations/metrics.ts';
import { RequestMetrics } from '../../../src/domain/operations/request-metrics.ts';
import { deleteProject } from '../../../src/domain/project/delete.ts';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { md5Of } from '../../support/datasets.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';

let service: StorageService;
/** Admin keys of `default` and of the project. */
let root = '';
let own = '';
beforeAll(async () => {
  service = await startStorageService();
  const made = await service.send('POST', '/v1/keys', { name: 'root', scopes: ['admin'] });
  root = `Bearer ${String(made.body.key)}`;
  await call('POST', '/v1/projects', { name: 'churn' });
  const theirs = await call('POST', '/v1/keys', { name: 'theirs', scopes: ['admin'], project: 'churn' });
  own = `Bearer ${String(theirs.body.key)}`;
});
afterAll(() => service.close());

const call = (method: string, path: string, body?: unknown, authorization = root) =>
  service.send(method, path, body, { authorization });
const told = ({ status, body }: { status: number; body: Record<string, unknown> }) => [status, body.detail];

describe('deleting a project', () => {
  it('says first what is in it, and wants its name once more', async () => {
    await call('POST', '/v1/datasets/one/versions?path=x.csv', 'a\n1\n', own);
    await call('POST', '/v1/models', { name: 'm', task: 'binary' }, own);
    await call('POST', '/v1/webhooks', { url: 'https://example.com/' }, own);
    const dry = await call('DELETE', '/v1/projects/churn?dry_run=true');
    expect(dry.body).toMatchObject({
      name: 'churn',
      deleted_at: null,
      deleted_by: null,
      restorable_until: null,
      holds: { datasets: 1, versions: 1, objects: 1, bytes: 4, own_bytes: 4, models: 1, webhooks: 1, keys: 1 },
    });
    expect((await call('GET', '/v1/projects/churn', undefined, own)).body).toEqual(dry.body);
    expect(told(await call('DELETE', '/v1/projects/churn'))).toEqual([
      400,
      expect.stringContaining('say its name once more (confirm=churn)'),
    ]);
    expect(told(await call('DELETE', '/v1/projects/churn?confirm=churm'))).toEqual([
      400,
      'The name that confirms is not "churn": nothing was deleted.',
    ]);
    expect((await call('GET', '/v1/datasets/one', undefined, own)).status).toBe(200);
  });

  it('refuses what cannot be meant', async () => {
    for (const [path, status] of [
      ['/v1/projects/default?confirm=default', 409],
      ['/v1/projects/default?dry_run=true', 409],
      ['/v1/projects/nowhere?confirm=nowhere', 404],
      ['/v1/projects/%00?confirm=x', 400],
      ['/v1/projects/churn?confirm=churn&undo_seconds=99999999', 400],
      ['/v1/projects/churn?confirm=churn&undo_seconds=-1', 400],
      ['/v1/projects/churn?confirm=churn&undo_seconds=1.5', 400],
      ['/v1/projects/churn?confirm=churn&dry_run=perhaps', 400],
      ['/v1/projects/churn?confirm=churn&confirm=churn', 400],
      ['/v1/projects/churn?confirm=churn&force=true', 400],
    ] as const) {
      const answer = await call('DELETE', path);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    expect((await call('POST', '/v1/projects/nowhere/restore')).status).toBe(404);
  });

  it('is for who runs the service, and can take it back', async () => {
    expect(told(await call('DELETE', '/v1/projects/churn?confirm=churn', undefined, own))).toEqual([
      403,
      'Projects are deleted and restored with an admin key of "default".',
    ]);
    const made = await call('POST', '/v1/keys', { name: 'reader', scopes: ['data:read'] });
    const reader = `Bearer ${String(made.body.key)}`;
    expect((await call('DELETE', '/v1/projects/churn?dry_run=true', undefined, reader)).status).toBe(403);
    expect((await call('GET', '/v1/projects/churn', undefined, reader)).status).toBe(404);
    const actor = { projectId: 1, project: 'default', author: 'ci', scopes: new Set(['data:write'] as const) };
    const asked = { project: 'churn', confirm: 'churn', undoSeconds: undefined, dryRun: false };
    await expect(deleteProject(service.ctx, actor, asked)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('lets nobody in any longer, with the reason and until when that can be undone', async () => {
    const gone = await call('DELETE', '/v1/projects/churn?confirm=churn');
    const { deleted_at: at, restorable_until: until } = gone.body as Record<string, string>;
    expect(gone.body).toMatchObject({ name: 'churn', deleted_by: expect.stringMatching(/^key:.* \(root\)$/) });
    expect(Date.parse(until ?? '') - Date.parse(at ?? '')).toBe(7 * 86_400_000);
    const why = `The project "churn" was deleted on ${at?.slice(0, 10)}; an admin key of "default" can restore it until ${until} (POST /v1/projects/churn/restore).`;
    for (const [method, path, body] of [
      ['GET', '/v1/datasets', undefined],
      ['POST', '/v1/datasets/one/versions?path=x.csv', 'a\n2\n'],
      ['POST', '/v1/models/m/predictions', '{}'],
      ['GET', '/dvc/churn/one/files/md5/2b/f7c6ab41d14a4ed5bbdd0d8e7ab8bd', undefined],
      ['GET', '/dvc/churn', undefined],
      ['PUT', `/dvc/churn/one/files/md5/${md5Of('x').slice(0, 2)}/${md5Of('x').slice(2)}`, 'x'],
    ] as const) {
      expect([path, ...told(await call(method, path, body, own))]).toEqual([path, 410, why]);
    }
    // Asked for again, it is as it was.
    expect((await call('DELETE', '/v1/projects/churn?confirm=churn')).body).toMatchObject({ deleted_at: at });
    expect((await call('GET', '/v1/projects')).body.items).toMatchObject([{ name: 'default' }]);
    expect((await call('GET', '/v1/projects?deleted=true')).body.items).toMatchObject([
      { name: 'churn', deleted_at: at, restorable_until: until },
    ]);
    expect(told(await call('POST', '/v1/projects', { name: 'churn' }))).toEqual([
      409,
      `${why} Until it is erased its name is taken.`,
    ]);
    const key = await call('POST', '/v1/keys', { name: 'more', scopes: ['admin'], project: 'churn' });
    expect(key.status).toBe(410);
  });

  it('leaves nothing that would wake somebody at night', async () => {
    const { ctx } = service;
    await ctx.sql`update objects set quarantined_at = now() where project_id = (select id from projects where name = 'churn')`;
    await ctx.sql`insert into messages (id, project_id, endpoint_id, type, subject, body, state, attempts)
      select 'msg_0', project_id, id, 'alert.firing', 's', '{}', 'pending', 0 from endpoints`;
    const { text } = await renderMetrics(ctx, new RequestMetrics());
    await ctx.sql`delete from messages`;
    expect(text).toMatch(/^tidemark_objects_quarantined 0$/m);
    expect(text).not.toMatch(/^tidemark_jobs\{.*profile-version/m);
    expect(text).not.toMatch(/^tidemark_\w*messages\w*\{.*pending.*\} [1-9]/m);
    await ctx.sql`update objects set quarantined_at = null`;
  });

  it('halts the long work on its objects, which goes on when it is restored', async () => {
    await call('POST', '/v1/projects/churn/restore');
    const begun = await call('POST', '/v1/remote/scrub', {}, own);
    const runId = String(begun.body.id);
    await call('DELETE', '/v1/projects/churn?confirm=churn');
    await service.drain(['advance-storage-run']);
    const state = async () => (await service.ctx.sql`select state from storage_runs where id = ${runId}`)[0]?.state;
    expect(await state()).toBe('running');
    await call('POST', '/v1/projects/churn/restore');
    await service.drain(['advance-storage-run']);
    expect(await state()).toBe('done');
  });

  it('is undone as if it had not been, and is in the audit of both', async () => {
    await call('DELETE', '/v1/projects/churn?confirm=churn');
    const back = await call('POST', '/v1/projects/churn/restore');
    expect([back.status, back.body.deleted_at]).toEqual([200, null]);
    expect((await call('POST', '/v1/projects/churn/restore')).body).toEqual(back.body);
    expect((await call('GET', '/v1/datasets/one/versions/v1', undefined, own)).status).toBe(200);
    expect((await call('POST', '/v1/projects', { name: 'churn' })).status).toBe(200);
    for (const key of [root, own]) {
      const { body } = await call('GET', '/v1/audit?subject=churn', undefined, key);
      expect((body.items as { action: string }[]).slice(0, 2).map(({ action }) => action)).toEqual([
        'project.restored',
        'project.deleted',
      ]);
    }
  });
});

describe('calls with a proof of their own', () => {
  it('are answered like the others', async () => {
    const { ctx } = service;
    const made = await call('POST', '/v1/registries', { kind: 'mlflow' }, own);
    const { mlflowSignature } = await import('../../../src/webhook/mlflow-signature.ts');
    const body = JSON.stringify({
      entity: 'model_version_alias',
      action: 'created',
      timestamp: ctx.now().toISOString().replace('Z', '+00:00'),
      data: { name: 'm', alias: 'champion', version: '1' },
    });
    const tell = (id: string) => {
      const timestamp = String(Math.floor(ctx.now().getTime() / 1000));
      return service.send('POST', `/v1/registries/${String(made.body.id)}/events`, body, {
        'content-type': 'application/json',
        'x-mlflow-delivery-id': id,
        'x-mlflow-timestamp': timestamp,
        'x-mlflow-signature': mlflowSignature(String(made.body.secret), { id, timestamp, body }),
      });
    };
    expect((await tell('before')).status).toBe(202);
    await call('DELETE', '/v1/projects/churn?confirm=churn');
    expect((await tell('after')).status).toBe(410);
    await call('POST', '/v1/projects/churn/restore');
  });

  it('nothing is sent to the webhooks of a deleted project', async () => {
    const { ctx } = service;
    const sent: string[] = [];
    const send = (async (request: { url: string }) => {
      sent.push(request.url);
      return { outcome: 'delivered', status: 200, milliseconds: 1, error: null, response: '' };
    }) as never;
    const [endpoint] = await ctx.sql<{ id: string }[]>`select id from endpoints`;
    await ctx.sql`insert into messages (id, project_id, endpoint_id, type, subject, body, state, attempts, next_attempt_at)
      select 'msg_1', project_id, id, 'alert.firing', 's', '{}', 'pending', 0, now() - interval '1 second' from endpoints`;
    await call('DELETE', '/v1/projects/churn?confirm=churn');
    await JOB_HANDLERS['deliver-messages']({ ...ctx, now: () => new Date(), send }, { endpointId: endpoint?.id ?? '' });
    expect(sent).toEqual([]);
    const [message] = await ctx.sql`select state, attempts from messages where id = 'msg_1'`;
    expect(message).toEqual({ state: 'pending', attempts: 0 });
  });
});

describe('on an open service', () => {
  let open: StorageService;
  beforeAll(async () => {
    open = await startStorageService();
  });
  afterAll(() => open.close());

  it('whoever reaches it may, of any project but default', async () => {
    await open.send('POST', '/v1/projects', { name: 'x' });
    expect((await open.send('DELETE', '/v1/projects/x?confirm=x&project=x')).status).toBe(200);
    const gone = await open.send('GET', '/v1/datasets?project=x');
    expect([gone.status, gone.body.type]).toEqual([410, 'https://tidemark.dev/problems/gone']);
    expect((await open.send('GET', '/v1/datasets?project=y')).status).toBe(404);
    expect((await open.send('POST', '/v1/projects/x/restore')).status).toBe(200);
    expect((await open.send('GET', '/v1/datasets?project=x')).status).toBe(200);
  });
});
