import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptBatch } from '../../../src/domain/log/receive/accept-batch.ts';
import { acceptTogether } from '../../../src/domain/log/receive/accept-together.ts';
import type { BatchRequest } from '../../../src/domain/log/receive/batch-request.ts';
import { bindTogether } from '../../../src/domain/object/bind-together.ts';
import { putLegacyObject } from '../../../src/domain/object/legacy-objects.ts';
import { storePack } from '../../../src/domain/object/store-pack.ts';
import { beginUpload, completeUpload, putPart } from '../../../src/domain/object/uploads.ts';
import { eraseProject } from '../../../src/domain/project/erase.ts';
import { packEnd, packLine } from '../../../src/formats/object-pack.ts';
import { findProject } from '../../../src/store/access/access.ts';
import { md5Of, sha256Of } from '../../support/datasets.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';
import { ndjson, prediction } from '../log/ledger.ts';

let service: StorageService;
let actor: Parameters<typeof putLegacyObject>[1];
beforeEach(async () => {
  service = await startStorageService();
  await service.send('POST', '/v1/projects', { name: 'gone' });
  await service.send('POST', '/v1/models?project=gone', { name: 'm', task: 'binary', positive_label: '1' });
  const project = await findProject(service.ctx.db, 'gone');
  const scopes = new Set(['data:write', 'logs:write'] as const);
  actor = { projectId: project?.id ?? 0, project: 'gone', author: 'ci', scopes };
});
afterEach(() => service.close());

/** The project is erased, whole or as far as what `isFar` says. */
async function erase(isFar: () => Promise<boolean> = async () => (await findProject(ctx().db, 'gone')) === null) {
  await service.send('DELETE', '/v1/projects/gone?confirm=gone&undo_seconds=0');
  await ctx().sql`update projects set erase_at = now() - interval '1 second' where name = 'gone'`;
  while (!(await isFar())) {
    // Its time is over after each step.
    let calls = 0;
    const now = () => new Date(60_000 * calls++);
    await eraseProject({ ...ctx(), now }, { project: actor.projectId });
  }
}

const ctx = () => service.ctx;

/** The service whose remote holds what it is given, and at this one of them the project is erased before anybody hears of it. */
function erasedMeanwhile(erasing: () => Promise<void> = erase, at = 1): StorageService['ctx'] {
  let puts = 0;
  const remote = new Proxy(service.remote, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (!['put', 'putGroup', 'putWhole'].includes(String(name))) return value.bind(target);
      return async (...given: unknown[]) => {
        const stored: unknown = await value.apply(target, given);
        if (++puts === at) await erasing();
        return stored;
      };
    },
  });
  return { ...ctx(), remote };
}

async function* once(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** What lies in the remote, before its trash is emptied and after. */
async function heldAndLeft(): Promise<[number, number]> {
  const held = service.remote.objects.size;
  await ctx().sql`update object_tombstones set trashed_at = now() - interval '1 year'`;
  expect((await service.work('/v1/gc')).state).toBe('done');
  return [held, service.remote.objects.size];
}

const body = (n: number) => ndjson([prediction(n)]);
function request(text: string): BatchRequest {
  const plain = {
    encoding: 'ndjson',
    contentEncoding: 'identity',
    epochUnit: null,
    csv: null,
    partial: false,
  } as const;
  return {
    ...plain,
    model: 'm',
    kind: 'predictions',
    idempotencyKey: null,
    announced: text.length,
    source: once(text),
  };
}

describe('bytes that are stored when their project has just been erased', () => {
  it('go with the trash where they came in a pack', async () => {
    const members = ['one', 'two', 'three'].map((text) => ({ md5: md5Of(text), bytes: Buffer.from(text) }));
    const pack = Buffer.concat([
      ...members.flatMap(({ md5, bytes }) => [packLine({ md5, size: bytes.byteLength }), bytes]),
      packEnd(members.length),
    ]);
    await expect(storePack(erasedMeanwhile(), actor, once(pack))).rejects.toThrow();
    expect(await heldAndLeft()).toEqual([3, 0]);
  });

  it('go with the trash where they came in parts', async () => {
    const text = 'in parts';
    const { row } = await beginUpload(ctx(), actor, { oid: md5Of(text) as never, size: text.length });
    await putPart(ctx(), actor, { id: row.id, number: 1, source: once(text), expect: {} });
    await expect(completeUpload(erasedMeanwhile(), actor, row.id)).rejects.toThrow();
    expect(await heldAndLeft()).toEqual([1, 0]);
  });

  it('go with the trash where they came under a name of DVC 2', async () => {
    const upload = { name: md5Of('a\nb\n'), source: once('a\r\nb\r\n') };
    await expect(putLegacyObject(erasedMeanwhile(), actor, upload)).rejects.toThrow();
    expect(await heldAndLeft()).toEqual([1, 0]);
    expect(service.remote.legacy.size).toBe(0);
  });

  it('go with the trash where they are a batch', async () => {
    await expect(acceptBatch(erasedMeanwhile(), actor, { ...request(body(1)), announced: null })).rejects.toThrow();
    expect(await heldAndLeft()).toEqual([1, 0]);
  });

  it('go with the trash where they are a batch of several requests', async () => {
    // The first one goes alone; the others have to wait for it, and go together.
    const late = erasedMeanwhile(erase, 2);
    const sent = [1, 2, 3].map((n) => {
      const text = body(n);
      const bytes = new Uint8Array(new ArrayBuffer(text.length + 1), 0, text.length);
      bytes.set(Buffer.from(text));
      const received = { content: { bytes }, size: bytes.length, sha256: '', dispose: () => Promise.resolve() };
      return acceptTogether(late, { projectId: actor.projectId, request: request(text), body: received });
    });
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await heldAndLeft()).toEqual([1, 0]);
  });

  it('go with the trash where they are bound together', async () => {
    const stored = await Promise.all(
      ['one', 'two', 'three'].map(async (text) => ({ ...(await ctx().remote.put(once(text), { maxBytes: 10 })) })),
    );
    await erase();
    const bound = stored.map((each) => bindTogether(ctx(), actor.projectId, { stored: each, alongside: undefined }));
    const outcomes = await Promise.allSettled(bound);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await heldAndLeft()).toEqual([3, 0]);
  });

  it('go with the trash where the erasure is under way, and what they belong to is gone already', async () => {
    const noModel = async () => (await ctx().sql`select 1 from models`).length === 0;
    const late = erasedMeanwhile(() => erase(noModel));
    await expect(acceptBatch(late, actor, { ...request(body(1)), announced: null })).rejects.toThrow();
    expect(await findProject(ctx().db, 'gone')).not.toBeNull();
    await erase();
    expect(await heldAndLeft()).toEqual([1, 0]);
  });

  it('stay where another project holds them', async () => {
    await service.hold('shared');
    const pack = Buffer.concat([packLine({ md5: md5Of('shared'), size: 6 }), Buffer.from('shared'), packEnd(1)]);
    await expect(storePack(erasedMeanwhile(), actor, once(pack))).rejects.toThrow();
    expect(await heldAndLeft()).toEqual([1, 1]);
    expect(sha256Of(service.remote.objects.get(md5Of('shared')) ?? '')).toBe(sha256Of('shared'));
  });
});
