import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processorTimeOfChildren, processorTimeOfTree, startService } from './child-process.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult } from './report.ts';

/** The shape of MNIST as DVC's own benches have it. */
const FILES = 70_000;
const BYTES = 275;

/**
 * `dvc push` of a large folder that the service holds but for one new file, by a client that never spoke to it: it asks
 * for each of the files. What counts is which of both has to work for that.
 */
export async function benchColdPush({ folder, quick, place }: BenchOptions): Promise<BenchResult[]> {
  const command = process.env.DVC;
  if (command === undefined) {
    process.stderr.write('(skipped: DVC does not name the dvc command) ');
    return [];
  }
  const files = quick ? FILES / 70 : FILES;
  const service = await startService(folder, { TIDEMARK_KEY: '', ...place.service });
  try {
    const run = runnerOf(folder, service.url);
    run(command, 'init', '--no-scm', '--quiet');
    run(command, 'remote', 'add', '--quiet', '--default', 'tm', `${service.url}/dvc/default/many`);
    writeSmallFiles(join(folder, 'data'), files);
    // Our own client, for its speed: what it sends is what dvc would.
    run(
      process.execPath,
      fileURLToPath(new URL('../../src/tidemark.mjs', import.meta.url)),
      'push',
      'data',
      '-d',
      'many',
    );
    writeFileSync(join(folder, 'data', 'new.bin'), 'not yet there');
    run(command, 'add', '--quiet', 'data');
    rmSync(join(folder, 'site'), { recursive: true, force: true });

    const before = { server: processorTimeOfTree(service.pid), client: processorTimeOfChildren() };
    const started = performance.now();
    run(command, 'push', '--quiet');
    const elapsed = performance.now() - started;
    const server = processorTimeOfTree(service.pid) - before.server;
    const client = processorTimeOfChildren() - before.client;
    return [
      {
        name: 'dvc cold push many',
        what: `CPU of the client / CPU of the server and its database, ${files.toLocaleString('en')} files, one of them new`,
        unit: '×',
        value: client / server,
        aim: { at: 'least', value: 1 },
        figures: {
          'files/s': (files / elapsed) * 1000,
          'client CPU ms/file': client / files,
          'server CPU ms/file': server / files,
          'client CPU / elapsed': client / elapsed,
          'server CPU / elapsed': server / elapsed,
        },
      },
    ];
  } finally {
    await service.end();
  }
}

function writeSmallFiles(data: string, files: number): void {
  for (let i = 0; i < files; i++) {
    const sub = join(data, String(i % 100));
    if (i < 100) mkdirSync(sub, { recursive: true });
    writeFileSync(join(sub, `${i}.bin`), `${i} `.padEnd(BYTES, '-'));
  }
}

function runnerOf(folder: string, url: string) {
  const env = {
    ...process.env,
    HOME: folder,
    TIDEMARK_URL: url,
    TIDEMARK_CACHE: join(folder, 'index'),
    DVC_SITE_CACHE_DIR: join(folder, 'site'),
    DVC_NO_ANALYTICS: '1',
  };
  return (command: string, ...line: readonly string[]): void => {
    const done = spawnSync(command, line, { cwd: folder, env, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
    if (done.status !== 0) throw new Error(`${command} ${line.join(' ')}: ${done.stdout}${done.stderr}`);
  };
}
