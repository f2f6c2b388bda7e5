import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peakMemory } from '../bench/child-process.ts';
import { writeRandomFile } from '../bench/random-file.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type Api, createApi } from './api.ts';
import { DVC, runDvc } from './dvc-command.ts';
import { makeFolder, ROOT, type RunningService, removeFolder, startService, until } from './service.ts';

/** The `tidemark` command against the built service, where one of them is killed, and beside the `dvc` command. */

/** Far less than what is sent. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=256' };

let service: RunningService;
/** Between the command and the service. */
let line: FaultProxy;
let api: Api;
let folder: string;
beforeAll(async () => {
  service = await startService({ env: SMALL_HEAP });
  line = await startFaultProxy(service.url);
  api = createApi(service.url);
  folder = makeFolder('client');
});
afterAll(async () => {
  await line.stop();
  await service.end();
  removeFolder(service.data);
  removeFolder(folder);
});

const at = (...names: string[]) => join(folder, ...names);

function start(...words: string[]): ChildProcess {
  const env = { ...process.env, TIDEMARK_URL: line.endpoint, TIDEMARK_CACHE: at('cache'), TIDEMARK_KEY: '' };
  const entry = join(ROOT, 'dist', 'src', 'cli.js');
  return spawn(process.execPath, [entry, ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function tidemark(...words: string[]): Promise<Record<string, unknown>> {
  const child = start(...words, '--json');
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = await once(child, 'close');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

async function kill(child: ChildProcess): Promise<void> {
  // It may have come to its end by itself.
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

type Upload = { readonly id: string; readonly parts: number; readonly received: readonly number[] };

describe('a large file whose push is killed', () => {
  test('is sent only as far as it had not come, and waits for a service that was killed', async () => {
    writeRandomFile(at('large.bin'), 400, 11);
    const size = 400 * 1024 ** 2;
    const oid = await digestOf(at('large.bin'));
    const progress = () => api.post<Upload>('/v1/uploads', { oid, size });
    const reaches = (count: number) =>
      until(`${count} parts`, async () => {
        const upload = await progress();
        return upload.received.length >= count ? upload : null;
      });

    /** Lets so many parts of those that are sent from now on through. */
    const letThrough = (count: number): void => {
      let parts = 0;
      line.fault = (method, path) =>
        method === 'PUT' && path.includes('/parts/') && ++parts > count ? { hang: true } : null;
    };

    letThrough(3);
    const first = start('push', 'large.bin', '-d', 'large');
    await reaches(3);
    await kill(first);
    letThrough(3);
    const second = start('push', 'large.bin', '-d', 'large', '--json');
    const out = second.stdout?.setEncoding('utf8').toArray();
    const ended = once(second, 'close');
    await reaches(6);
    await service.end('SIGKILL');
    line.fault = () => null;
    const before = line.seen.length;
    line.cut();
    await until('it to meet nobody', async () => (line.seen.length > before ? true : null));
    service = await startService({ data: service.data, port: service.port, env: SMALL_HEAP });
    // It waited for the service, and went on.
    expect(await ended).toEqual([0, null]);
    const pushed = JSON.parse((await out)?.join('') ?? '') as { sent: { bytes: number } };
    expect(pushed).toMatchObject({ oid, bytes: size, created: true });
    expect(pushed.sent.bytes).toBe(size - 3 * 32 * 1024 ** 2);

    line.fault = (method, path) => (method === 'GET' && path.includes(oid) ? { stallAfter: 50_000_000 } : null);
    const pull = start('pull', 'large', '--to', 'back');
    const part = await until('a part of the file', async () => {
      const [name] = existsSync(at('back')) ? readdirSync(at('back')) : [];
      return name !== undefined && statSync(at('back', name)).size > 0 ? name : null;
    });
    await kill(pull);
    line.fault = () => null;
    const { ino } = statSync(at('back', part));
    const pulled = await tidemark('pull', 'large', '--to', 'back');
    // It went on with what had come.
    expect([readdirSync(at('back')), statSync(at('back', 'large.bin')).ino]).toEqual([['large.bin'], ino]);
    expect(pulled).toMatchObject({ fetched: 1 });
    expect(await digestOf(at('back', 'large.bin'))).toBe(oid);
  });
});

describe('a stream', () => {
  test('of no announced length that is larger than all the memory of the service is taken', async () => {
    const block = randomBytes(1024 ** 2);
    const hash = createHash('md5');
    for (let i = 0; i < 600; i++) hash.update(block);
    const oid = hash.digest('hex');
    const sending = request(`${service.url}/v1/objects/${oid}`, { method: 'PUT' });
    const answered = once(sending, 'response');
    await pipeline(Readable.from(Array.from({ length: 600 }, () => block)), sending);
    const [response] = await answered;
    expect([response.statusCode, JSON.parse((await response.toArray()).join(''))]).toMatchObject([
      201,
      { oid, size: 600 * 1024 ** 2 },
    ]);
    expect(peakMemory(service.child.pid ?? 0).own).toBeLessThan(500);
  });
});

describe('many small files', () => {
  const COUNT = 10_000;

  function writeFiles(name: string): void {
    for (let i = 0; i < COUNT; i++) {
      const sub = at(name, String(i % 100));
      if (i < 100) mkdirSync(sub, { recursive: true });
      writeFileSync(join(sub, `${i}.txt`), `${name} ${i}\n`.repeat(1 + (i % 7)));
    }
  }

  test('go on where push and pull were killed, and are all there', async () => {
    writeFiles('many');
    const push = start('push', 'many', '-d', 'many');
    // Some time in the middle; wherever it is, what follows has to be true.
    await until('the first objects', async () => {
      const survey = await api.post<{ objects: { missing: boolean }[] }>('/v1/objects/batch', {
        objects: [{ oid: createHash('md5').update('many 7\n'.repeat(1)).digest('hex'), size: 7 }],
      });
      return survey.objects[0]?.missing === false ? true : null;
    });
    await kill(push);
    const pushed = await tidemark('push', 'many', '-d', 'many');
    expect(pushed).toMatchObject({ files: COUNT });

    const pull = start('pull', 'many', '--to', 'half');
    await until('the first files', async () => {
      try {
        return readFileSync(at('half', 'many', '7', '7.txt')).byteLength > 0 ? true : null;
      } catch {
        return null;
      }
    });
    await kill(pull);
    await tidemark('pull', 'many', '--to', 'half');
    expect(await tidemark('verify', 'many', 'half/many')).toMatchObject({ agrees: true });
  });

  test('are held after the service was killed the moment it said so', async () => {
    writeFiles('sudden');
    await tidemark('push', 'sudden', '-d', 'sudden');
    await service.end('SIGKILL');
    service = await startService({ data: service.data, port: service.port, env: SMALL_HEAP });
    expect(await tidemark('verify', 'sudden')).toMatchObject({ agrees: true });
  });
});

describe.skipIf(DVC === undefined)('beside the dvc command (skipped without DVC)', () => {
  function run(work: string, ...args: readonly string[]): string {
    return runDvc({ ...process.env, HOME: at('home'), DVC_NO_ANALYTICS: '1' }, work, ...args);
  }

  test('a folder goes from one to the other and back, by one .dvc file', async () => {
    mkdirSync(at('home'));
    mkdirSync(at('repository', 'data', 'sub'), { recursive: true });
    const work = at('repository');
    run(work, 'init', '--no-scm', '--quiet');
    run(work, 'remote', 'add', '--default', 'tidemark', join(service.data, 'remote'));
    writeFileSync(join(work, 'data', 'rows.csv'), 'a,b\n1,2\n');
    writeFileSync(join(work, 'data', 'sub', 'übung: #1.txt'), 'text');
    await tidemark('push', 'repository/data', '-d', 'shared', '--dvc');
    const ours = readFileSync(join(work, 'data.dvc'), 'utf8');
    // It lies in the cache of dvc, from where both of us bring it back.
    expect(JSON.parse(run(work, 'status', '--json'))).toEqual({});
    rmSync(join(work, 'data'), { recursive: true });
    run(work, 'checkout');
    rmSync(join(work, 'data', 'rows.csv'));
    expect(await tidemark('pull', 'repository/data.dvc')).toMatchObject({ fetched: 0, cached: 1 });
    run(work, 'add', 'data');
    expect(readFileSync(join(work, 'data.dvc'), 'utf8')).toBe(ours);
    expect(run(work, 'push')).toContain('Everything is up to date');

    // What we have pulled is in its cache; what dvc adds we take by its own file.
    mkdirSync(at('clone'));
    run(at('clone'), 'init', '--no-scm', '--quiet');
    run(at('clone'), 'remote', 'add', '--default', 'tidemark', join(service.data, 'remote'));
    writeFileSync(at('clone', 'data.dvc'), ours);
    expect(await tidemark('pull', 'clone/data.dvc')).toMatchObject({ fetched: 2 });
    expect(JSON.parse(run(at('clone'), 'status', '--json'))).toEqual({});
    expect(await tidemark('status', 'clone/data')).toMatchObject({ same: 2, to_send: { objects: 0 } });
    writeFileSync(at('clone', 'data', 'new.csv'), 'c\n3\n');
    run(at('clone'), 'add', 'data');
    expect(await tidemark('push', 'clone/data', '-d', 'shared', '--dvc')).toMatchObject({ ref: 'v2' });
    expect(JSON.parse(run(at('clone'), 'status', '--json'))).toEqual({});
  });

  test('the files that dvc sees are those that are pushed, by .dvcignore and through links into its cache', async () => {
    const work = at('ignoring');
    const paths = [
      'a.csv',
      'a.tmp',
      'keep.tmp',
      '#x',
      'logs/a.csv',
      'sub/logs/b',
      'sub/é.csv',
      'x/y/z',
      'x/y/deep.bin',
    ];
    for (const path of [...paths, '.hg/x']) {
      mkdirSync(join(work, 'in', 'data', path, '..'), { recursive: true });
      writeFileSync(join(work, 'in', 'data', path), path);
    }
    run(work, 'init', '--no-scm', '--quiet');
    writeFileSync(join(work, '.dvcignore'), '*.tmp\nlogs/\n\\#x\n/data/a.csv\nx/**/z\n');
    writeFileSync(join(work, 'in', '.dvcignore'), '!keep.tmp\n/data/sub/?.csv\n/data/x/*/*.bin\n');
    const ignored = run(work, 'check-ignore', ...paths.map((path) => join('in', 'data', path)));
    run(work, 'config', 'cache.type', 'symlink');
    run(work, 'add', 'in/data');
    const theirs = readFileSync(join(work, 'in', 'data.dvc'), 'utf8');
    expect(lstatSync(join(work, 'in', 'data', 'a.csv')).isSymbolicLink()).toBe(true);

    await tidemark('push', 'ignoring/in/data', '-d', 'ignoring', '--dvc');
    const listed = (await tidemark('ls', 'ignoring')) as unknown as { path: string }[];
    const left = ignored.trim().split('\n');
    expect(left.length).toBeGreaterThan(3);
    expect(listed.map((file) => file.path).sort()).toEqual(
      paths.filter((path) => !left.includes(join('in', 'data', path))).sort(),
    );
    expect(readFileSync(join(work, 'in', 'data.dvc'), 'utf8')).toBe(theirs);
    expect(await tidemark('verify', 'ignoring', 'ignoring/in/data')).toMatchObject({ agrees: true });
    expect(await tidemark('checkout', 'ignoring/in/data.dvc')).toMatchObject({ fetched: 0, removed: 0 });
  });
});
