import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, createApi } from './api.ts';
import { contentsOf, DVC, runDvc } from './dvc-command.ts';
import { makeFolder, type RunningService, removeFolder, startService } from './service.ts';

/** The `dvc` command and the service on one and the same remote. */
if (DVC === undefined) console.warn('DVC is not set: versions are not pulled and pushed with the dvc command.');

const FILES: Readonly<Record<string, string>> = {
  'rows.csv': 'a,b\n1,2\n3,4\n',
  'sub folder/more.csv': 'a,b\n5,6\n',
  'sub folder/übung ü.txt': 'named with two kinds of ü\n',
  'empty.txt': '',
};

type Version = { readonly ref: string; readonly oid: string; readonly kind: string; readonly created: boolean };

describe.skipIf(DVC === undefined)('a version and the dvc command (skipped without DVC)', () => {
  let service: RunningService;
  let api: Api;
  let folder: string;

  beforeAll(async () => {
    service = await startService();
    api = createApi(service.url);
    folder = makeFolder('dvc');
    mkdirSync(join(folder, 'home'));
  });
  afterAll(async () => {
    await service.end();
    removeFolder(service.data);
    removeFolder(folder);
  });

  /** A working folder of somebody who uses dvc, with the service's remote as its own. */
  function workspace(name: string): string {
    const work = join(folder, name);
    mkdirSync(work);
    run(work, 'init', '--no-scm', '--quiet');
    run(work, 'config', 'core.analytics', 'false');
    run(work, 'remote', 'add', '--default', 'tidemark', join(service.data, 'remote'));
    return work;
  }

  function run(work: string, ...args: readonly string[]): string {
    return runDvc({ ...process.env, HOME: join(folder, 'home'), DVC_NO_ANALYTICS: '1' }, work, ...args);
  }

  async function pointerOf(dataset: string, ref: string): Promise<string> {
    const response = await fetch(`${service.url}/v1/datasets/${dataset}/versions/${ref}/dvc`);
    expect(response.status).toBe(200);
    return response.text();
  }

  async function pushFolder(dataset: string, path: string): Promise<Version> {
    const files: { path: string; md5: string }[] = [];
    for (const [name, text] of Object.entries(FILES)) {
      const md5 = createHash('md5').update(text).digest('hex');
      const sent = await fetch(`${service.url}/v1/objects/${md5}`, { method: 'PUT', body: text });
      expect([200, 201]).toContain(sent.status);
      files.push({ path: name, md5 });
    }
    return api.post<Version>(`/v1/datasets/${dataset}/versions`, { files, path });
  }

  test('dvc pull brings a pushed file, byte for byte', async () => {
    const text = 'id,value\n1,0.5\n2,\u00fc\n';
    await api.post('/v1/datasets/one/versions?path=one.csv', text);
    const work = workspace('file');
    writeFileSync(join(work, 'one.csv.dvc'), await pointerOf('one', 'v1'));
    run(work, 'pull');
    expect(readFileSync(join(work, 'one.csv'), 'utf8')).toBe(text);
    expect(JSON.parse(run(work, 'status', '--json'))).toEqual({});
  });

  test('dvc pull brings a committed folder, byte for byte, and sees nothing to do after it', async () => {
    const version = await pushFolder('many', 'data');
    expect(version).toMatchObject({ kind: 'folder', created: true });
    const work = workspace('folder');
    writeFileSync(join(work, 'data.dvc'), await pointerOf('many', 'v1'));
    run(work, 'pull');
    expect(contentsOf(join(work, 'data'))).toEqual(FILES);
    expect(JSON.parse(run(work, 'status', '--json'))).toEqual({});
    // What dvc would call this folder is what we call it.
    run(work, 'add', 'data');
    expect(readFileSync(join(work, 'data.dvc'), 'utf8')).toContain(version.oid);
  });

  test('what dvc has added is taken under its own names, and dvc push has nothing left to send', async () => {
    const work = workspace('added');
    for (const [name, text] of Object.entries({ ...FILES, 'new.csv': 'x,y\n7,8\n' })) {
      mkdirSync(join(work, 'data', name, '..'), { recursive: true });
      writeFileSync(join(work, 'data', name), text);
    }
    run(work, 'add', 'data');
    await sendCache(join(work, '.dvc', 'cache', 'files', 'md5'));
    const pointer = readFileSync(join(work, 'data.dvc'), 'utf8');
    const version = await api.post<Version>('/v1/datasets/theirs/versions', { pointer });
    expect(version).toMatchObject({ ref: 'v1', kind: 'folder', created: true });
    expect(pointer).toContain(version.oid);
    expect(await pointerOf('theirs', 'v1')).toBe(pointer);
    expect(run(work, 'push')).toContain('Everything is up to date');

    const elsewhere = workspace('elsewhere');
    writeFileSync(join(elsewhere, 'data.dvc'), pointer);
    run(elsewhere, 'pull');
    expect(contentsOf(join(elsewhere, 'data'))).toEqual({ ...FILES, 'new.csv': 'x,y\n7,8\n' });
  });

  /** Sends every object of a dvc cache, folders last, because their members have to be held. */
  async function sendCache(cache: string): Promise<void> {
    const names = readdirSync(cache).flatMap((two) => readdirSync(join(cache, two)).map((rest) => ({ two, rest })));
    const isFolder = ({ rest }: { rest: string }) => Number(rest.endsWith('.dir'));
    for (const { two, rest } of names.toSorted((a, b) => isFolder(a) - isFolder(b))) {
      const body = readFileSync(join(cache, two, rest));
      const sent = await fetch(`${service.url}/v1/objects/${two}${rest}`, { method: 'PUT', body });
      expect([200, 201], `${two}${rest}`).toContain(sent.status);
    }
  }
});
