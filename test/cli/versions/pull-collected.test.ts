import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { advanceStorageRun } from '../../../src/domain/storage/advance.ts';
import { noise } from '../../support/bytes.ts';
import { md5Of } from '../../support/datasets.ts';
import { type Stage, startStage } from '../tables/against.ts';

/** A pull of a version that is given up meanwhile, between any two of the pull's questions. */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const FILES = [
  ['a.csv', Buffer.from('x\n1\n')],
  ['sub/b', Buffer.from('b')],
  // By itself, beside the pack of the others.
  ['large.bin', noise(5 * 1024 ** 2, 3)],
] as const;

async function makeVersions(dataset: string, kind: 'folder' | 'file'): Promise<void> {
  const files = kind === 'folder' ? FILES : FILES.slice(0, 1);
  for (const [, bytes] of files) await stage.hold(bytes);
  const list = files.map(([path, bytes]) => ({ path, md5: md5Of(bytes) }));
  const versions = `/v1/datasets/${dataset}/versions`;
  if (kind === 'folder') await stage.send('POST', versions, { files: list, path: 'data' });
  else await stage.send('POST', versions, { oid: list[0]?.md5, path: 'a.csv' });
  await stage.send('POST', `${versions}?path=a.csv`, 'another\n1\n');
  await stage.ctx.sql`update objects set received_at = received_at - interval '30 days'`;
}

it.each([
  ['folder', 1],
  ['folder', 2],
  ['folder', 3],
  ['file', 1],
] as const)('the pull of a %s ends whole although its version is given up after question %d', async (kind, nth) => {
  const dataset = `${kind}-${nth}`;
  await makeVersions(dataset, kind);
  let asked = 0;
  stage.before = async () => {
    if (asked++ !== nth) return;
    const begun = await stage.send('POST', '/v1/gc', { dataset, keep: { last: 1 } });
    await advanceStorageRun(stage.ctx, { runId: String(begun.body.id) });
  };
  const pulled = await stage.tidemark('pull', `${dataset}@v1`, '--to', dataset, '--json');
  expect(pulled).toMatchObject({ code: 0, err: '' });
  expect((await stage.send('GET', `/v1/datasets/${dataset}/versions/v1`)).status).toBe(410);
  for (const [path, bytes] of kind === 'folder' ? FILES : FILES.slice(0, 1)) {
    const written = join(stage.folder, dataset, kind === 'folder' ? 'data' : '', path);
    expect(md5Of(await readFile(written)), path).toBe(md5Of(bytes));
  }
});
