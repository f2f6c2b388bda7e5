import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peakMemory, startService, watchMemory } from './child-process.ts';
import type { BenchOptions } from './main.ts';
import { MEBIBYTE, writeRandomFile } from './random-file.ts';
import type { BenchResult } from './report.ts';

/** The file, its parts and the object that they become. */
const COPIES = 3;

/** The most memory that `tidemark push` of one file of 10 GB holds, and that the service does which takes it. */
export async function benchHuge({ folder, quick, place }: BenchOptions): Promise<BenchResult[]> {
  const size = quick ? 1e9 : 10e9;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < size * COPIES) {
    process.stderr.write(`(skipped: it takes ${(size * COPIES) / 1e9} GB of disk) `);
    return [];
  }
  writeRandomFile(join(folder, 'huge.bin'), Math.ceil(size / MEBIBYTE), 10);
  const service = await startService(folder, place.service);
  try {
    const started = performance.now();
    const client = await push(folder, service.url);
    const elapsed = performance.now() - started;
    const server = peakMemory(service.pid);
    const what = `during tidemark push of ${size / 1e9} GB`;
    const aim = { at: 'most', value: 300 } as const;
    const children = { 'largest child MiB': Math.max(0, ...server.children), 'push MB/s': size / 1000 / elapsed };
    return [
      { name: 'huge, client', what: `peak RSS of the client ${what}`, unit: 'MiB', value: client, aim, figures: {} },
      {
        name: 'huge, server',
        what: `peak RSS of the server ${what}`,
        unit: 'MiB',
        value: server.own,
        aim,
        figures: children,
      },
    ];
  } finally {
    await service.end();
  }
}

/** @returns the most memory that the command held, in MiB. */
async function push(folder: string, url: string): Promise<number> {
  const entry = fileURLToPath(new URL('../../src/tidemark.mjs', import.meta.url));
  const env = { ...process.env, TIDEMARK_URL: url, TIDEMARK_CACHE: join(folder, 'index'), TIDEMARK_KEY: '' };
  const line = [entry, 'push', 'huge.bin', '-d', 'huge', '--json'];
  const child = spawn(process.execPath, line, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const peak = watchMemory(child);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`tidemark push ended with ${code}`);
  return peak();
}
