import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise } from '../support/bytes.ts';
import { processorTime, type Running, startServer, startService } from './child-process.ts';
import type { BenchOptions } from './main.ts';
import { interleave, median, medianRatio, type Times } from './measure.ts';
import type { BenchResult } from './report.ts';

const MEBIBYTE = 1024 ** 2;

type Load = { readonly name: string; readonly files: number; readonly bytes: number };

/** The `dvc` command through the service, against the same command through a plain file server. */
export async function benchDvc({ folder, quick, place }: BenchOptions): Promise<BenchResult[]> {
  const command = process.env.DVC;
  if (command === undefined) {
    process.stderr.write('skipped, because DVC does not name the dvc command; ');
    return [];
  }
  const loads: readonly Load[] = [
    { name: 'small', files: quick ? 300 : 3000, bytes: 4096 },
    { name: 'large', files: 3, bytes: (quick ? 16 : 128) * MEBIBYTE },
  ];
  const plain = join(folder, 'plain');
  mkdirSync(plain);
  const servers = {
    tidemark: await startService(folder, place.service),
    plain: await startServer('plain-file-server.ts', [plain]),
  };
  try {
    const results: BenchResult[] = [];
    for (const load of loads) results.push(...(await benchLoad({ command, folder, load, servers }, quick ? 1 : 3)));
    return results;
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.end()));
  }
}

type Remote = 'tidemark' | 'plain';
type Setting = {
  readonly command: string;
  readonly folder: string;
  readonly load: Load;
  readonly servers: Readonly<Record<Remote, Running>>;
};

async function benchLoad(setting: Setting, rounds: number): Promise<BenchResult[]> {
  const work = makeWorkspace(setting);
  const results: BenchResult[] = [];
  const sides = (verb: Verb, cost: number[]) => ({
    tidemark: async (round: number) => {
      const before = processorTime(setting.servers.tidemark.pid);
      const elapsed = work.time(verb, 'tidemark', round);
      cost.push(processorTime(setting.servers.tidemark.pid) - before);
      return elapsed;
    },
    plain: async (round: number) => work.time(verb, 'plain', round),
  });
  // Each round has files of its own, which are pushed before they are fetched; the last verb asks for them anew.
  for (const verb of ['push', 'fetch', 'cold push'] as const) {
    const cost: number[] = [];
    const times = await interleave(sides(verb, cost), { rounds });
    results.push(resultOf(setting.load, { verb, times, cost }));
  }
  work.remove();
  return results;
}

/** A cold push sends nothing: a client that never spoke to the remote asks it for each of the files. */
type Verb = 'push' | 'fetch' | 'cold push';

function makeWorkspace({ command, folder, load, servers }: Setting) {
  const work = join(folder, `work-${load.name}`);
  const site = join(folder, 'site');
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  mkdirSync(work);
  const env = { ...process.env, HOME: home, DVC_NO_ANALYTICS: '1', DVC_SITE_CACHE_DIR: site };
  const dvc = (...args: readonly string[]): void => {
    const done = spawnSync(command, args, { cwd: work, env, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`dvc ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  };
  dvc('init', '--no-scm', '--quiet');
  dvc('remote', 'add', 'tidemark', `${servers.tidemark.url}/dvc/default/${load.name}`);
  dvc('remote', 'add', 'plain', `${servers.plain.url}/${load.name}`);
  const added = new Set<number>();
  const add = (round: number): void => {
    if (added.has(round)) return;
    added.add(round);
    const data = join(work, `data${round}`);
    mkdirSync(data);
    for (let i = 0; i < load.files; i++) {
      writeFileSync(join(data, `${i}.bin`), noise(load.bytes, (round + 1) * 1_000_003 + i * 7919));
    }
    dvc('add', '--quiet', `data${round}`);
    rmSync(data, { recursive: true });
  };
  const forget = (path: string): void => rmSync(path, { recursive: true, force: true });
  return {
    time: (verb: Verb, remote: Remote, round: number): number => {
      add(round);
      if (verb === 'fetch') forget(join(work, '.dvc', 'cache'));
      // What a client remembers of a remote would spare it the questions.
      if (verb !== 'push') forget(site);
      const started = performance.now();
      dvc(verb === 'fetch' ? 'fetch' : 'push', '--quiet', '--remote', remote, `data${round}.dvc`);
      return performance.now() - started;
    },
    remove: () => forget(work),
  };
}

function resultOf(
  load: Load,
  { verb, times, cost }: { verb: Verb; times: Record<Remote, Times>; cost: readonly number[] },
): BenchResult {
  const perSecond = (milliseconds: number): number => (load.files / milliseconds) * 1000;
  const mebibytes = (load.files * load.bytes) / MEBIBYTE;
  return {
    name: `dvc ${verb} ${load.name}`,
    what: `plain file server / Tidemark, ${load.files} files of ${load.bytes / 1024} KiB`,
    unit: '×',
    value: medianRatio(times.plain, times.tidemark),
    aim: { at: 'least', value: 0.9 },
    figures: {
      'files/s': perSecond(times.tidemark.median),
      'plain files/s': perSecond(times.plain.median),
      'MiB/s': (mebibytes / times.tidemark.median) * 1000,
      'plain MiB/s': (mebibytes / times.plain.median) * 1000,
      'server CPU ms/file': median(cost) / load.files,
    },
  };
}
