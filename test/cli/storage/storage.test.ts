import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { startWorkerLoop, type WorkerLoop } from '../../../workers/loop.ts';
import { md5Of } from '../../support/datasets.ts';
import { type Stage, startStage } from '../tables/against.ts';

let stage: Stage;
let loop: WorkerLoop;
beforeAll(async () => {
  stage = await startStage();
  loop = await startWorkerLoop(stage.ctx, JOB_HANDLERS, { concurrency: 2 });
  for (const n of [1, 2, 3]) await stage.send('POST', '/v1/datasets/d/versions?path=x.csv', `a\n${n}\n`);
});
afterAll(async () => {
  await loop.stop(1000);
  await stage.close();
});

const git = (...args: string[]): string => {
  const done = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd: stage.folder,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout.trim();
};

describe('tidemark gc', () => {
  it('says what would go and why the rest stays, as text and as JSON', async () => {
    await stage.send('PUT', '/v1/datasets/d/tags/prod', { ref: 'v1' });
    const text = await stage.tidemark('gc', '--dry-run', '--keep-last', '1');
    expect([text.code, text.err]).toEqual([0, '']);
    expect(text.out).toMatch(/d@v3 +keep +4 B +the newest version; keep-last 1 of 1/);
    expect(text.out).toMatch(/d@v2 +trash +4 B\n/);
    expect(text.out).toMatch(/d@v1 +keep +4 B +tag prod/);
    const within = await stage.tidemark('gc', '--dry-run', '--keep-within', '30d');
    expect(within.out).toMatch(/d@v2 +keep +4 B +keep-within 30 days\n/);
    expect(text.out).toContain('1 of 3 versions would go into the trash, for 7 days.');
    expect(text.out).toContain('Emptied, the trash frees 1 objects, 4 B.');
    const json = await stage.tidemark('--json', 'gc', '--dry-run', '--keep-within', '1d');
    expect(JSON.parse(json.out)).toMatchObject({ kept: 3, trashed: 0 });
    const nothing = await stage.tidemark('gc', '--dry-run');
    expect(nothing.out).toContain('No version is judged: say what to keep');
  });

  it('keeps what the pointers of a repository name', async () => {
    git('init', '-q');
    writeFileSync(join(stage.folder, 'x.csv.dvc'), `outs:\n- md5: ${md5Of('a\n2\n')}\n  hash: md5\n  path: x.csv\n`);
    git('add', 'x.csv.dvc');
    git('commit', '-q', '-m', 'data');
    git('tag', 'release');
    const plan = await stage.tidemark('gc', '--dry-run', '--keep-git', 'release', '--keep-git', 'HEAD');
    expect(plan.out).toMatch(/d@v2 +keep +4 B +git release: x.csv.dvc/);
    const wrong = await stage.tidemark('gc', '--dry-run', '--keep-git', '--output=/tmp/x');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('git rev-parse failed')]);
  });

  it('puts versions into the trash, from which they are restored', async () => {
    const run = await stage.tidemark('gc', '--keep-last', '1');
    expect([run.code, run.out]).toEqual([0, expect.stringContaining('versions_trashed 1')]);
    expect((await stage.tidemark('restore')).out).toMatch(/d@v2 +4 B/);
    const gone = await stage.tidemark('pull', 'd@v2');
    expect([gone.code, gone.err]).toEqual([
      1,
      expect.stringMatching(/is in the trash; restore it \("tidemark restore \w+@v\d+", or POST/),
    ]);
    expect((await stage.tidemark('restore', 'd@v2')).out).toBe('d@v2 is restored\n');
    expect((await stage.tidemark('restore')).out).toBe('the trash is empty\n');
    expect((await stage.tidemark('restore', 'd@latest')).code).toBe(1);
    expect((await stage.tidemark('restore', '0'.repeat(32))).err).toContain('neither held nor in the trash');
  });

  it.each([[['--keep-within', '3 months']], [['--keep-last', '-1']]])('is misused with %s', async (line) => {
    expect((await stage.tidemark('gc', '--dry-run', ...line)).code).not.toBe(0);
  });
});

describe('tidemark retention', () => {
  it('shows the standing rule of a dataset, sets it, and takes it away', async () => {
    expect((await stage.tidemark('retention', 'd')).out).toBe('d  keeps every version\n');
    const set = await stage.tidemark('retention', 'd', '--keep-last', '10', '--keep-within', '36h', '--keep-tag', 'v*');
    expect(set.out).toMatch(
      /^d {2}keeps the newest 10; what was made within 36 hours; what has a tag like v\*; .*\nset by anonymous at 2.*\nnot carried out yet\n$/,
    );
    expect(JSON.parse((await stage.tidemark('--json', 'retention', 'd')).out)).toMatchObject({
      last: 10,
      within_seconds: 129_600,
      tags: ['v*'],
    });
    const both = await stage.tidemark('retention', 'd', '--clear', '--keep-last', '1');
    expect([both.code, both.err]).toEqual([1, expect.stringContaining('or --clear')]);
    expect((await stage.tidemark('retention', 'd', '--clear')).out).toBe('d  keeps every version\n');
    expect((await stage.tidemark('retention', 'nobody')).code).toBe(1);
  });
});

describe('tidemark rm', () => {
  it('puts a version or a dataset into the trash, from which restore takes it', async () => {
    await stage.send('POST', '/v1/datasets/r/versions?path=x.csv', 'r\n1\n');
    await stage.send('POST', '/v1/datasets/r/versions?path=x.csv', 'r\n2\n');
    const version = await stage.tidemark('rm', 'r@v1');
    expect([version.code, version.out]).toEqual([
      0,
      expect.stringMatching(/^r@v1 is in the trash until 2\d{3}-.*restore r@v1\n$/),
    ]);
    expect((await stage.tidemark('restore', 'r@v1')).out).toBe('r@v1 is restored\n');
    const whole = await stage.tidemark('rm', 'r', '--dataset');
    expect([whole.code, whole.out]).toEqual([0, expect.stringContaining('r is deleted (versions: 2, 8 B)')]);
    expect((await stage.tidemark('log', 'r')).code).toBe(1);
    expect((await stage.tidemark('restore', 'r', '--dataset')).out).toBe('r is there (versions that came back: 2)\n');
    for (const line of [['r'], ['r@latest'], ['r@v1', '--dataset'], ['r@v9']]) {
      expect((await stage.tidemark('rm', ...line)).code, line.join(' ')).toBe(1);
    }
    await stage.tidemark('rm', 'r', '--dataset');
    const listed = await stage.tidemark('audit', '--subject', 'r');
    expect(listed.out).toMatch(/anonymous +dataset\.deleted +r +req_\d+\n.*dataset\.restored.*\n.*dataset\.deleted/);
  });
});

describe('tidemark check and remote', () => {
  it('agree with a store that is whole, and tell one that is not', async () => {
    expect((await stage.tidemark('check')).code).toBe(0);
    expect((await stage.tidemark('remote', 'scrub')).code).toBe(0);
    const status = await stage.tidemark('remote', 'status');
    expect([status.code, status.out]).toEqual([0, expect.stringContaining('memory:: 5 objects, 20 B, 0 quarantined')]);
    stage.remote.objects.set('ab'.repeat(16), new Uint8Array(1));
    const orphan = await stage.tidemark('check');
    expect([orphan.code, orphan.out]).toEqual([0, expect.stringMatching(/orphaned +(ab){16}/)]);
    stage.remote.objects.delete(md5Of('a\n1\n'));
    const lost = await stage.tidemark('--json', 'check');
    expect(lost.code).toBe(1);
    expect(JSON.parse(lost.out).findings).toContainEqual(
      expect.objectContaining({ code: 'dangling', oid: md5Of('a\n1\n') }),
    );
    const scrub = await stage.tidemark('remote', 'scrub');
    expect([scrub.code, scrub.out]).toEqual([1, expect.stringContaining(`missing  ${md5Of('a\n1\n')}`)]);
    const damaged = await stage.tidemark('remote', 'status');
    expect([damaged.code, damaged.out]).toEqual([1, expect.stringContaining(`missing  ${md5Of('a\n1\n')}`)]);
    expect(damaged.out).toMatch(/^every other object was read and good since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/m);
    expect(damaged.out).toMatch(new RegExp(`${md5Of('a\n1\n')} +4 B +20\\S+ [\\d:]+ +d@v1 x\\.csv`));
    expect((await stage.tidemark('log', 'd')).out).toMatch(/v1 .*degraded \(1\)/);
    expect((await stage.tidemark('ls')).out).toMatch(/d +v3 +1 +4 B +whole/);
    expect((await stage.tidemark('ls', 'd@v1')).out).toMatch(/x\.csv +corrupt or lost/);
  });

  it('scan makes a version of what lies there, and says how it is used', async () => {
    stage.remote.objects.set(md5Of('theirs\n1\n'), new TextEncoder().encode('theirs\n1\n'));
    const line = ['remote', 'scan', '--dataset', 'theirs', '--oid', md5Of('theirs\n1\n'), '--path', 't.csv'];
    expect((await stage.tidemark(...line)).out).toBe('theirs@v1 made\n');
    expect((await stage.tidemark(...line)).out).toBe('theirs@v1 was there\n');
    const second = 'second\n1\n';
    stage.remote.objects.set(md5Of(second), new TextEncoder().encode(second));
    const outs = [
      ['a.csv', 'theirs\n1\n'],
      ['b.csv', second],
    ].map(
      ([path, text = '']) =>
        `    - path: ${path}\n      hash: md5\n      md5: ${md5Of(text)}\n      size: ${text.length}\n`,
    );
    writeFileSync(
      join(stage.folder, 'dvc.lock'),
      `schema: '2.0'\nstages:\n  prepare:\n    cmd: make\n    outs:\n${outs.join('')}`,
    );
    const lock = ['remote', 'scan', '--dataset', 'locked', '--pointer', 'dvc.lock'];
    expect((await stage.tidemark(...lock)).err).toContain(
      '--path has to say which output of "dvc.lock" is meant: a.csv, b.csv',
    );
    expect((await stage.tidemark(...lock, '--path', 'b.csv')).out).toBe('locked@v1 made\n');
    expect(JSON.parse((await stage.tidemark('--json', 'show', 'locked')).out)).toMatchObject({
      oid: md5Of(second),
      path: 'b.csv',
    });
    const absent = await stage.tidemark('remote', 'scan', '--dataset', 'x', '--oid', '0'.repeat(32), '--path', 'x');
    expect([absent.code, absent.err]).toEqual([1, expect.stringContaining('holds no object')]);
    for (const wrong of [
      ['--dataset', 'x'],
      ['--oid', 'zz'],
      ['--pointer', 'nowhere.dvc'],
    ]) {
      expect((await stage.tidemark('remote', 'scan', ...wrong)).code, wrong.join(' ')).toBe(1);
    }
  });
});
