import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../../src/cli/client/client.ts';
import { fetchFiles } from '../../../src/cli/transfer/fetch-objects.ts';
import { findFiles } from '../../../src/cli/transfer/local-files.ts';
import { PART_SUFFIX } from '../../../src/cli/transfer/part-file.ts';
import { noise } from '../../support/bytes.ts';
import { md5Of } from '../../support/datasets.ts';
import { type Stage, startStage } from '../tables/against.ts';

/** A pull into a folder that others work in. */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ index: true });
  await version(OLD);
  await version(NEW);
});
afterAll(() => stage.close());

const large = (seed: number): Uint8Array => noise(5 * 1024 ** 2, seed);
const OLD = { 'small.csv': 'x\n1\n', 'large.bin': large(1), gone: 'old' };
const NEW = { 'small.csv': 'x\n2\n', 'large.bin': large(2) };
const EDIT = 'my own\n';

async function version(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const bytes of Object.values(files)) await stage.hold(bytes);
  const list = Object.entries(files).map(([path, bytes]) => ({ path, md5: md5Of(bytes) }));
  const made = await stage.send('POST', '/v1/datasets/d/versions', { files: list, path: 'data' });
  if (made.status !== 201) throw new Error(made.text);
}

const at = (to: string, path: string) => join(stage.folder, to, 'data', path);
const edit = (to: string, path: string) => writeFile(at(to, path), EDIT);
const has = async (to: string, path: string, bytes: string | Uint8Array) =>
  expect(md5Of(await readFile(at(to, path)))).toBe(md5Of(bytes));

/** Has the second version pulled or checked out over the first, with something done once it is known what the pull would write over. */
async function over(to: string, done: () => Promise<void>, ...line: string[]) {
  for (const [path, bytes] of Object.entries(OLD)) {
    await mkdir(dirname(at(to, path)), { recursive: true });
    await writeFile(at(to, path), bytes);
    // Before whatever is done.
    await utimes(at(to, path), 1_700_000_000, 1_700_000_000);
  }
  stage.before = async (request) => {
    if (request !== 'POST /v1/objects/batch') return;
    stage.before = async () => {};
    await done();
  };
  return await stage.tidemark(...line, 'd@v2', '--to', to);
}

describe('what is changed while a pull is under way', () => {
  it.each(['small.csv', 'large.bin'])('stays as it is: %s', async (path) => {
    const to = `stays-${path}`;
    const ran = await over(to, () => edit(to, path), 'pull');
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining(`${path} was changed while it was pulled`) });
    await has(to, path, EDIT);
    // Nobody else has it: the next pull says so before it writes anything.
    const again = await stage.tidemark('pull', 'd@v2', '--to', to);
    expect(again.err).toContain('would be lost');
    expect((await stage.tidemark('pull', 'd@v2', '--to', to, '--force')).code).toBe(0);
    await has(to, path, path === 'small.csv' ? NEW[path] : NEW['large.bin']);
  });

  it('stays although the version does not have it', async () => {
    const ran = await over('extra', () => edit('extra', 'gone'), 'checkout');
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('gone was changed while it was pulled') });
    await has('extra', 'gone', EDIT);
  });

  it('is no obstacle where another pull of the same version did it', async () => {
    const both = async () => {
      for (const [path, bytes] of Object.entries(NEW)) await writeFile(at('same', path), bytes);
    };
    expect(await over('same', both, 'pull')).toMatchObject({ code: 0, err: '' });
    await has('same', 'small.csv', NEW['small.csv']);
  });
});

it('equal files are not copied from one that somebody has changed since it came', async () => {
  const base = join(stage.folder, 'twins');
  const client = createClient({ url: stage.url, key: undefined, project: undefined });
  const twins = ['first', 'second'].map((path) => ({ path, md5: md5Of(OLD.gone), size: OLD.gone.length }));
  const parts = new Map<string, string>();
  const onFile = ({ path }: { readonly path: string }): void => {
    if (path === 'first') writeFileSync(join(base, path), 'new');
  };
  const fetched = fetchFiles({ client, base, parts, onBytes: () => {}, onFile }, twins);
  await expect(fetched).rejects.toMatchObject({ code: 'conflict' });
  await expect(readFile(join(base, 'second'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('a folder that goes while others are looked through has no files', () => {
  const root = join(stage.folder, 'going');
  for (const folder of ['a', 'b']) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, `.x${PART_SUFFIX}`), '');
    writeFileSync(join(root, folder, 'file'), folder);
  }
  // Whichever comes first, the other one goes.
  const found = findFiles(root, Date.now(), (folder) => {
    rmSync(join(root, folder.endsWith('a') ? 'b' : 'a'), { recursive: true, force: true });
  });
  expect(found).toHaveLength(1);
});
