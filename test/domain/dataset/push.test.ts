import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/domain/access/actor.ts';
import { commitVersion } from '../../../src/domain/dataset/commit.ts';
import { pushFile } from '../../../src/domain/dataset/push.ts';
import { storeObject } from '../../../src/domain/object/store-object.ts';
import { type DatasetService, md5Of, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
let actor: Actor;
beforeAll(async () => {
  service = await startDatasetService();
  const rows = await service.ctx.db.execute<{ id: number }>(sql`select id from projects where name = 'default'`);
  actor = { projectId: rows[0]?.id ?? 0, project: 'default', author: 'test', scopes: new Set(['data:write']) };
});
afterAll(async () => {
  await service.close();
});

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const count = async (table: string, where = 'true'): Promise<number> => {
  const rows = await service.ctx.db.execute<{ count: number }>(
    sql`select count(*)::int as count from ${sql.raw(table)} where ${sql.raw(where)}`,
  );
  return rows[0]?.count ?? 0;
};

/** Fails in the transaction after the version's rows are written, as a database that dies there would. */
const failing = () => ({
  ...service.ctx,
  publicUrl: () => {
    throw new Error('the end');
  },
});

const push = (dataset: string, text: string, key?: string) => ({
  dataset,
  path: 'x.csv',
  source: bytesOf(text),
  idempotencyKey: key,
});

describe('a push', () => {
  it('that fails at its last step leaves the object and nothing that names it; its repetition makes one version', async () => {
    await expect(pushFile(failing(), actor, push('atomic', 'a\n1\n'))).rejects.toThrow('the end');
    expect(service.remote.objects.has(md5Of('a\n1\n'))).toBe(true);
    expect([await count('datasets'), await count('versions'), await count('version_profiles')]).toEqual([0, 0, 0]);
    expect(await count('jobs')).toBe(0);
    const first = await pushFile(service.ctx, actor, push('atomic', 'a\n1\n'));
    const again = await pushFile(service.ctx, actor, push('atomic', 'a\n1\n'));
    expect([first.created, again.created, again.version.id]).toEqual([true, false, first.version.id]);
    expect([await count('versions'), await count('version_profiles'), await count('jobs')]).toEqual([1, 1, 1]);
  });

  it('that is sent twice at once under one key is answered twice with one version', async () => {
    const pushes = [1, 2, 3, 4].map(() => pushFile(service.ctx, actor, push('keyed', 'a\n2\n', 'once')));
    const answers = await Promise.all(pushes);
    expect(new Set(answers.map((answer) => answer.version.id)).size).toBe(1);
    expect(answers.map((answer) => answer.created)).toEqual([true, true, true, true]);
    expect(await count('idempotency_keys')).toBe(1);
  });

  it('needs the scope to write', async () => {
    const reader: Actor = { ...actor, scopes: new Set(['data:read']) };
    await expect(pushFile(service.ctx, reader, push('refused', 'x'))).rejects.toMatchObject({ code: 'forbidden' });
    expect(service.remote.objects.has(md5Of('x'))).toBe(false);
  });

  it('tells the receivers that want to know, in the same transaction', async () => {
    const stored = await service.send('POST', '/v1/webhooks', {
      url: 'https://93.184.215.14/hook',
      events: ['dataset.version.created'],
    });
    if (stored.status !== 201) throw new Error(stored.text);
    await expect(pushFile(failing(), actor, push('told', 'a\n3\n'))).rejects.toThrow('the end');
    expect(await count('messages')).toBe(0);
    await pushFile(service.ctx, actor, push('told', 'a\n3\n'));
    expect(await count('messages', "type = 'dataset.version.created' and subject = 'told/v1'")).toBe(1);
  });
});

describe('a commit', () => {
  it('that fails after its manifest was stored makes no version, and one when it is repeated', async () => {
    const { oid } = await storeObject(service.ctx, actor, bytesOf('member'), { maxBytes: 100 });
    const commit = {
      dataset: 'folder',
      content: { kind: 'files' as const, files: [{ path: 'a/b', md5: oid }] },
    };
    const before = await count('versions');
    await expect(commitVersion(failing(), actor, commit)).rejects.toThrow('the end');
    expect([await count('versions'), await count('manifest_entries')]).toEqual([before, 0]);
    expect((await commitVersion(service.ctx, actor, commit)).created).toBe(true);
    expect([await count('versions'), await count('manifest_entries')]).toEqual([before + 1, 1]);
    expect((await commitVersion(service.ctx, actor, commit)).created).toBe(false);
  });
});
