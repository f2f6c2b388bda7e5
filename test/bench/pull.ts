import { statSync } from 'node:fs';
import { join } from 'node:path';
import { startServer, startService } from './child-process.ts';
import { drain } from './http-client.ts';
import type { BenchOptions } from './main.ts';
import { interleave, medianRatio, sink } from './measure.ts';
import { latestOid, sendFile } from './push.ts';
import { NUMBER_BYTES, writeRandomFile } from './random-file.ts';
import type { BenchResult } from './report.ts';

/** A download that is verified on its way, against a bare server that streams the same file as it lies. */
export async function benchPull({ folder, quick, place }: BenchOptions): Promise<BenchResult[]> {
  const mebibytes = quick ? 64 : 512;
  const path = join(folder, 'random.bin');
  writeRandomFile(path, mebibytes, 2);
  const service = await startService(folder, place.service);
  const bare = await startServer('bare-server.ts', [path]);
  try {
    await sendFile(service.url, path, 0);
    const object = `${service.url}/v1/objects/${await latestOid(service.url)}`;
    const size = statSync(path).size;
    const { verified, unverified } = await interleave(
      {
        verified: () => expectBytes(object, size + NUMBER_BYTES),
        unverified: () => expectBytes(bare.url, size),
      },
      { rounds: quick ? 3 : 5 },
    );
    const rate = (milliseconds: number): number => (mebibytes / milliseconds) * 1000;
    return [
      {
        name: 'pull',
        what: `unverified stream / verified pull of ${mebibytes} MiB`,
        unit: '×',
        value: medianRatio(unverified, verified),
        aim: { at: 'least', value: 0.8 },
        figures: {
          'pull MiB/s': rate(verified.median),
          'best MiB/s': rate(verified.min),
          'unverified MiB/s': rate(unverified.median),
          'best unverified MiB/s': rate(unverified.min),
        },
      },
    ];
  } finally {
    await Promise.all([service.end(), bare.end()]);
  }
}

async function expectBytes(url: string, size: number): Promise<undefined> {
  const read = await drain({ method: 'GET', url });
  if (read !== size) throw new Error(`${url} sent ${read} bytes instead of ${size}`);
  sink(read);
}
