import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeRandomFile } from '../bench/random-file.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { createApi } from './api.ts';
import { contentsOf, DVC, type DvcUser, type Files, forget, writeFiles } from './dvc-command.ts';
import { copyPointers, type DvcStage, openDvcStage, REMOTE_KINDS } from './dvc-stage.ts';
import { removeFolder, until } from './service.ts';

/** The `dvc` command with much to carry, cut off in the middle of it; with the objects far away where that is possible. */
const kind = REMOTE_KINDS.at(-1) ?? 'directory';

type Push = { readonly state: string; readonly objects: { readonly new: number } };
type Version = { readonly ref: string; readonly oid: string; readonly files: number };

const numbered = (count: number, text: string): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i % 30}/f${i}.csv`, `a,b\n${i},${text}\n`]));

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

describe.skipIf(DVC === undefined)(`much for dvc, a ${kind} remote (skipped without DVC)`, () => {
  let stage: DvcStage;
  let ann: DvcUser;
  let bob: DvcUser;

  beforeAll(async () => {
    stage = await openDvcStage(kind);
    ({ ann, bob } = stage);
  });
  afterAll(() => stage.end());

  const itemsOf = async <T>(path: string): Promise<readonly T[]> => {
    const { items } = await createApi(stage.service().url).get<{ items: readonly T[] }>(`/v1/datasets/${path}`);
    return items;
  };
  const sentTo = (dataset: string): Promise<number> =>
    itemsOf<Push>(`${dataset}/pushes`).then(
      (pushes) => pushes.reduce((sum, { objects }) => sum + objects.new, 0),
      // There is no dataset before its first object.
      () => 0,
    );

  /** Once all is quiet: what was new came once, and all of it is one version. */
  async function expectOneVersion(dataset: string, files: number): Promise<void> {
    await stage.wake();
    const pushes = await until('the pushes to settle', async () => {
      await stage.settle();
      const items = await itemsOf<Push>(`${dataset}/pushes`);
      return items.every(({ state }) => state !== 'running') ? items : null;
    });
    expect(pushes.reduce((sum, { objects }) => sum + objects.new, 0)).toBe(files + 1);
    expect(await itemsOf<Version>(`${dataset}/versions`)).toMatchObject([{ ref: 'v1', files }]);
  }

  test('5,000 files: a client that is killed in the middle sends the rest when it comes back, and all is one version', async () => {
    const files = numbered(5_000, 'many');
    const work = stage.workspace(ann, 'many');
    writeFiles(join(work, 'data'), files);
    ann.run(work, 'add', 'data');
    // The middle is where the others get no answer: else it may be done before it is killed.
    const proxy = await startFaultProxy(stage.service().url);
    ann.run(work, 'remote', 'modify', 'tm', 'url', `${proxy.endpoint}/dvc/default/many`);
    let sent = 0;
    proxy.fault = (method) => (method === 'POST' && ++sent > 1000 ? { hang: true } : null);
    const pushing = ann.start(work, 'push');
    const ended = once(pushing, 'exit');
    await until('some of them to be there', async () => ((await sentTo('many')) >= 1000 ? true : null));
    pushing.kill('SIGKILL');
    await ended;
    await proxy.stop();
    ann.run(work, 'remote', 'modify', 'tm', 'url', stage.remoteOf('many'));
    const rest = /(\d+) files pushed/.exec(ann.run(work, 'push'));
    expect(Number(rest?.[1])).toBeLessThanOrEqual(4001);
    await expectOneVersion('many', 5_000);

    const theirs = stage.workspace(bob, 'many');
    copyPointers(work, theirs);
    bob.run(theirs, 'pull');
    expect(contentsOf(join(theirs, 'data'))).toEqual(files);
    // Somebody who has the files and never spoke to this remote asks for each of them.
    rmSync(join(bob.folder, 'site'), { recursive: true, force: true });
    expect(bob.run(theirs, 'push')).toContain('Everything is up to date');
  }, 600_000);

  test('a service that is killed in the middle of a push loses nothing that it said it has', async () => {
    const files = numbered(400, 'killed');
    const work = stage.workspace(ann, 'killed');
    writeFiles(join(work, 'data'), files);
    ann.run(work, 'add', 'data');
    const proxy = await startFaultProxy(stage.service().url);
    ann.run(work, 'remote', 'modify', 'tm', 'url', `${proxy.endpoint}/dvc/default/killed`);
    let sent = 0;
    const ends: Promise<unknown>[] = [];
    proxy.fault = (method) => {
      if (method === 'POST' && ++sent === 100) ends.push(stage.service().end('SIGKILL'));
      return null;
    };
    const [code] = await once(ann.start(work, 'push'), 'exit');
    expect([code === 0, ends.length]).toEqual([false, 1]);
    await Promise.all(ends);
    await proxy.stop();
    ann.run(work, 'remote', 'modify', 'tm', 'url', stage.remoteOf('killed'));
    await stage.restart();
    ann.run(work, 'push');
    await expectOneVersion('killed', 400);
    forget(work, 'data');
    ann.run(work, 'pull');
    expect(contentsOf(join(work, 'data'))).toEqual(files);
  });

  test('a file of 2 GiB', async () => {
    const work = stage.workspace(ann, 'large');
    // Each copy that is not made is a minute of a slow disk.
    ann.run(work, 'config', 'cache.type', 'hardlink');
    const file = join(work, 'large.bin');
    writeRandomFile(file, 2048, 29);
    const oid = await md5Of(file);
    ann.run(work, 'add', 'large.bin');
    expect(ann.run(work, 'push')).toContain('1 file pushed');
    expect(statSync(stage.storedAt(oid)).size).toBe(2 * 1024 ** 3);
    await until('its version', async () => {
      await stage.settle();
      const [version] = await itemsOf<Version>('large/versions').catch(() => []);
      return version?.oid === oid ? true : null;
    });
    forget(work, 'large.bin');
    ann.run(work, 'pull');
    expect(await md5Of(file)).toBe(oid);
    removeFolder(work);
  }, 600_000);
});
