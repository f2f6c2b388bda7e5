import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { partName } from '../../../src/cli/transfer/part-file.ts';
import { noise } from '../../support/bytes.ts';
import { md5Of } from '../../support/datasets.ts';
import { type Ran, type Stage, startStage } from '../tables/against.ts';

/** Pushing and pulling with an index, large files, and whatever lies in the way. */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ index: true });
});
beforeEach(() => {
  stage.requests.length = 0;
});
afterAll(() => stage.close());

const at = (...names: string[]) => join(stage.folder, ...names);
const outOf = (ran: Ran) => {
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  return JSON.parse(ran.out) as Record<string, unknown>;
};
const push = async (name: string) => outOf(await stage.tidemark('push', name, '-d', name, '--json'));
const pull = async (name: string, ...more: string[]) =>
  outOf(await stage.tidemark('pull', name, '--to', 'out', '--json', ...more));

async function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(at(name), path, '..'), { recursive: true });
    await writeFile(join(at(name), path), bytes);
    // Written long ago, so that the index may trust their times.
    await utimes(join(at(name), path), 1_700_000_000.5, 1_700_000_000.5);
  }
}

describe('what has not changed', () => {
  it('is neither read nor asked for, and what has is sent alone', async () => {
    await folder('kept', { a: 'aa', 'b/c': 'cc' });
    await push('kept');
    stage.requests.length = 0;
    expect(await push('kept')).toMatchObject({ ref: 'v1', created: false, sent: { objects: 0 } });
    expect(stage.requests).toEqual(['POST /v1/datasets/kept/versions']);
    await writeFile(at('kept', 'a'), 'AA');
    expect(await push('kept')).toMatchObject({ ref: 'v2', sent: { objects: 1, bytes: 2 } });
  });

  it('is told from what has changed and was given its old times back', async () => {
    await folder('touched', { a: 'first' });
    await push('touched');
    const { mtime } = await stat(at('touched', 'a'));
    await writeFile(at('touched', 'a'), 'other');
    await utimes(at('touched', 'a'), mtime, mtime);
    expect(await push('touched')).toMatchObject({ ref: 'v2', sent: { objects: 1 } });
  });

  it('is read and sent again where the service has lost it', async () => {
    await folder('lost', { a: 'lost bytes', b: 'kept bytes' });
    await push('lost');
    stage.remote.objects.delete(md5Of('lost bytes'));
    expect((await stage.send('GET', `/v1/objects/${md5Of('lost bytes')}`)).status).toBe(404);
    expect(await push('lost')).toMatchObject({ ref: 'v1', created: false, sent: { objects: 1, bytes: 10 } });
    expect((await stage.send('GET', `/v1/objects/${md5Of('lost bytes')}`)).text).toBe('lost bytes');
  });
});

describe('a folder of many files', () => {
  const files = Object.fromEntries(Array.from({ length: 240 }, (_, i) => [`${i % 7}/${i}`, `bytes of ${i}`]));
  const commits = () => stage.requests.filter((request) => request.endsWith('/versions'));

  it('is told by what has changed, and not asked for, also where the index is lost', async () => {
    await folder('many', files);
    expect(await push('many')).toMatchObject({ ref: 'v1', sent: { objects: 240 } });
    await folder('many', { '3/3': 'changed', new: 'more' });
    await rm(at('many', '4/4'));
    stage.requests.length = 0;
    expect(await push('many')).toMatchObject({ ref: 'v2', files: 240, sent: { objects: 2 } });
    expect(stage.requests).toEqual(['POST /v1/objects/pack', 'POST /v1/datasets/many/versions']);
    await rm(at('.cache'), { recursive: true });
    await folder('many', { '5/5': 'changed too' });
    stage.requests.length = 0;
    expect(await push('many')).toMatchObject({ ref: 'v3', files: 240, sent: { objects: 1 } });
    expect(stage.requests.filter((request) => request.includes('batch'))).toEqual([]);
    expect(commits()).toHaveLength(1);
    await pull('many');
    expect(await readFile(at('out', 'many', '5/5'), 'utf8')).toBe('changed too');
    expect(await readFile(at('out', 'many', '3/3'), 'utf8')).toBe('changed');
    expect(await readdir(at('out', 'many', '4'))).not.toContain('4');
  });

  it('is the version that it was, by its name alone, where the index is lost', async () => {
    await rm(at('.cache'), { recursive: true });
    expect(await push('many')).toMatchObject({ ref: 'v3', created: false, sent: { objects: 0 } });
  });

  it('is the version before once what was changed is as it was', async () => {
    await folder('many', { '5/5': 'bytes of 5' });
    expect(await push('many')).toMatchObject({ ref: 'v4', provenance: { repeats: 'v2' } });
  });

  it('is sent to a service that does not know what it was before', async () => {
    await stage.ctx.db.execute(sql`truncate versions, manifest_entries, objects cascade`);
    stage.remote.objects.clear();
    await folder('many', { '6/6': 'changed as well' });
    expect(await push('many')).toMatchObject({ ref: 'v1', files: 240, sent: { objects: 240 } });
  });

  it('is mended where a file was lost that is not among the changed ones', async () => {
    stage.remote.objects.delete(md5Of('bytes of 8'));
    expect((await stage.send('GET', `/v1/objects/${md5Of('bytes of 8')}`)).status).toBe(404);
    await folder('many', { '6/6': 'changed once more' });
    expect(await push('many')).toMatchObject({ ref: 'v2', files: 240, sent: { objects: 2 } });
    expect((await stage.send('GET', `/v1/objects/${md5Of('bytes of 8')}`)).text).toBe('bytes of 8');
  });
});

describe('a large file', () => {
  it('is counted among others that are sent at the same time', async () => {
    const files = [1, 2, 3, 4].map((i): [string, Uint8Array] => [`${i}.bin`, noise(2_000_000 + i, 40 + i)]);
    await folder('several', Object.fromEntries(files));
    expect(await push('several')).toMatchObject({ sent: { objects: 4, bytes: 8_000_010 } });
  });

  it('goes by itself, there and back, beside small ones', async () => {
    const large = noise(5 * 1024 ** 2, 7);
    await folder('mixed', { 'large.bin': large, 'twin.bin': large, small: 's', empty: '' });
    expect(await push('mixed')).toMatchObject({ files: 4, sent: { objects: 3 } });
    const pulled = await pull('mixed');
    expect(pulled).toMatchObject({ files: 4, fetched: 4 });
    for (const name of ['large.bin', 'twin.bin']) {
      expect(md5Of(await readFile(at('out', 'mixed', name)))).toBe(md5Of(large));
    }
    // Equal files come once.
    expect(
      stage.requests.filter((request) => request.startsWith('GET /v1/objects/') && !request.endsWith('/files')),
    ).toHaveLength(1);
    expect((await readdir(at('out', 'mixed'))).sort()).toEqual(['empty', 'large.bin', 'small', 'twin.bin']);
  });
});

describe('a pull into a folder that is not empty', () => {
  it('fetches only what is missing, and takes nothing away', async () => {
    await folder('again', { a: 'one', b: 'two', c: 'three' });
    await push('again');
    await pull('again');
    await rm(at('out', 'again', 'b'));
    await writeFile(at('out', 'again', 'mine'), 'my own');
    stage.requests.length = 0;
    expect(await pull('again')).toMatchObject({ files: 3, fetched: 1 });
    expect(await readFile(at('out', 'again', 'b'), 'utf8')).toBe('two');
    expect(await readFile(at('out', 'again', 'mine'), 'utf8')).toBe('my own');
    stage.requests.length = 0;
    expect(await pull('again')).toMatchObject({ fetched: 0 });
    expect(stage.requests.some((request) => request.endsWith('/unpack'))).toBe(false);
    // What was pulled need not be read to be pushed.
    expect(outOf(await stage.tidemark('push', 'out/again', '-d', 'again', '--json'))).toMatchObject({ ref: 'v2' });
  });

  it('does not write over bytes that nobody else has, unless it is told to', async () => {
    await folder('edited', { a: 'pushed' });
    await push('edited');
    await pull('edited');
    await writeFile(at('out', 'edited', 'a'), 'my edit');
    const refused = await stage.tidemark('pull', 'edited', '--to', 'out');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('would be lost');
    expect(await readFile(at('out', 'edited', 'a'), 'utf8')).toBe('my edit');
    expect(await pull('edited', '--force')).toMatchObject({ fetched: 1 });
    expect(await readFile(at('out', 'edited', 'a'), 'utf8')).toBe('pushed');
    // Bytes that the project holds can be had again.
    await writeFile(at('edited', 'a'), 'second');
    await push('edited');
    expect(await pull('edited')).toMatchObject({ ref: 'v2', fetched: 1 });
  });

  it('writes through no link, neither in a folder nor in its own place', async () => {
    await folder('links', { 'sub/a': 'inside', b: 'also inside' });
    await push('links');
    await mkdir(at('elsewhere'));
    await mkdir(at('out', 'links'), { recursive: true });
    await symlink(at('elsewhere'), at('out', 'links', 'sub'));
    const refused = await stage.tidemark('pull', 'links', '--to', 'out', '--force');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('is a link');
    expect(await readdir(at('elsewhere'))).toEqual([]);
    await rm(at('out', 'links'), { recursive: true });
    await symlink(at('elsewhere'), at('out', 'links'));
    expect((await stage.tidemark('pull', 'links', '--to', 'out')).err).toContain('is a link');
    expect(await readdir(at('elsewhere'))).toEqual([]);
    // A link that stands for the file itself is replaced, not followed.
    await rm(at('out', 'links'));
    await mkdir(at('out', 'links'));
    await writeFile(at('elsewhere', 'b'), 'outside');
    await symlink(at('elsewhere', 'b'), at('out', 'links', 'b'));
    await pull('links');
    expect(await readFile(at('elsewhere', 'b'), 'utf8')).toBe('outside');
    expect(await readFile(at('out', 'links', 'b'), 'utf8')).toBe('also inside');
  });

  it('says what stands in the way', async () => {
    await folder('blocked', { 'sub/a': 'x' });
    await push('blocked');
    await mkdir(at('out', 'blocked'), { recursive: true });
    await writeFile(at('out', 'blocked', 'sub'), 'a file');
    const ran = await stage.tidemark('pull', 'blocked', '--to', 'out');
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(/sub is a file, and the version has a folder there/);
    await rm(at('out', 'blocked'), { recursive: true });
    await mkdir(at('out', 'blocked', 'sub', 'a', 'deeper'), { recursive: true });
    const other = await stage.tidemark('pull', 'blocked', '--to', 'out');
    expect(other).toMatchObject({ code: 1, out: '' });
    expect(other.err).toMatch(/sub\/a is a folder, and the version has a file there; move it away/);
    expect(await readdir(at('out', 'blocked', 'sub'))).toEqual(['a']);
  });

  it('makes the folder of a version that has no file', async () => {
    const oid = 'd751713988987e9331980363e24189ce.dir';
    await fetch(`${stage.url}/v1/objects/${oid}`, { method: 'PUT', body: '[]' });
    await writeFile(at('bare.dvc'), `outs:\n- md5: ${oid}\n  size: 0\n  nfiles: 0\n  hash: md5\n  path: bare\n`);
    expect(await stage.tidemark('pull', 'bare.dvc')).toMatchObject({ code: 0 });
    expect(await readdir(at('bare'))).toEqual([]);
  });
});

describe('a service that breaks down', () => {
  it('leaves whole files behind, and the next pull fetches the rest', async () => {
    await folder('broken', { a: 'sound', b: 'rotten' });
    await push('broken');
    stage.remote.objects.set(md5Of('rotten'), Buffer.from('ROTTEN'));
    const ran = await stage.tidemark('pull', 'broken', '--to', 'out');
    expect(ran).toMatchObject({ code: 1, out: '' });
    const left = existsSync(at('out', 'broken')) ? await readdir(at('out', 'broken')) : [];
    expect(left.filter((name) => name !== 'a')).toEqual([]);
    await push('broken');
    expect(await pull('broken')).toMatchObject({ files: 2 });
    expect(await readFile(at('out', 'broken', 'b'), 'utf8')).toBe('rotten');
  });
});

describe('what a pull that was killed has left', () => {
  const large = noise(3 * 1024 ** 2, 77);
  const md5 = md5Of(large);
  /** As a process of this machine names it that is no more. */
  const part = (label: string) => partName(label).replace(/-\d+\./, `-${spawnSync(process.execPath, ['-v']).pid}.`);

  it('is gone on with, and taken away where it is of no use', async () => {
    await folder('cut', { 'large.bin': large });
    await push('cut');
    await mkdir(at('out', 'cut'), { recursive: true });
    await writeFile(at('out', 'cut', part(md5)), large);
    await writeFile(at('out', 'cut', part('0123')), 'of a small file');
    stage.requests.length = 0;
    await pull('cut');
    expect(stage.requests).not.toContain(`GET /v1/objects/${md5}`);
    expect(await readdir(at('out', 'cut'))).toEqual(['large.bin']);
    expect(md5Of(await readFile(at('out', 'cut', 'large.bin')))).toBe(md5);
  });

  it('is not trusted', async () => {
    await rm(at('out', 'cut', 'large.bin'));
    const rotten = Buffer.from(large.subarray(0, 2_000_000)).fill(0, 9, 99);
    await writeFile(at('out', 'cut', part(md5)), rotten);
    await pull('cut');
    expect(md5Of(await readFile(at('out', 'cut', 'large.bin')))).toBe(md5);
    expect(await readdir(at('out', 'cut'))).toEqual(['large.bin']);
  });

  it('is no file of the folder, and not left by a checkout', async () => {
    await mkdir(at('out', 'cut', 'sub'), { recursive: true });
    await writeFile(at('out', 'cut', 'sub', part('4567')), 'x');
    outOf(await stage.tidemark('checkout', 'cut', '--to', 'out', '--json'));
    expect(await readdir(at('out', 'cut', 'sub'))).toEqual([]);
  });
});

describe('a file in the place of a folder', () => {
  it('is told of in words', async () => {
    await folder('placed', { a: 'x' });
    await push('placed');
    await writeFile(at('file'), 'mine');
    const ran = await stage.tidemark('pull', 'placed', '--to', 'file');
    expect(ran).toEqual({
      code: 1,
      out: '',
      err: `tidemark: ${at('file')} is no folder, so nothing can be put into it.\n`,
    });
    const odd = await stage.tidemark('profile', 'placed', '--html', 'file/page.html');
    expect(odd.code).toBe(1);
    expect(odd.err.trim().split('\n')).toHaveLength(1);
  });
});

describe('a file that cannot be read', () => {
  it('is named, and nothing is committed', async () => {
    await folder('secret', { a: 'x' });
    await chmod(at('secret', 'a'), 0);
    const ran = await stage.tidemark('push', 'secret', '-d', 'secret');
    // The superuser reads everything.
    if (process.getuid?.() === 0) return;
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain(at('secret', 'a'));
  });
});
