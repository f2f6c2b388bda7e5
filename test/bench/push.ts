import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { processorTime, startService } from './child-process.ts';
import { call, callJson } from './http-client.ts';
import type { BenchOptions } from './main.ts';
import { interleave, median, medianRatio, sink } from './measure.ts';
import { MEBIBYTE, NUMBER_BYTES, numberedFile, writeRandomFile } from './random-file.ts';
import type { BenchResult } from './report.ts';

/** A push over HTTP into a directory remote, against MD5 and SHA-256 of the same file in one pass. */
export async function benchPush({ folder, quick, place }: BenchOptions): Promise<BenchResult[]> {
  const mebibytes = quick ? 64 : 512;
  const path = join(folder, 'random.bin');
  writeRandomFile(path, mebibytes, 1);
  const service = await startService(folder, place.service);
  const cost = { push: [] as number[], hash: [] as number[] };
  try {
    const { push, hash } = await interleave(
      {
        push: async (round) => {
          const before = processorTime(service.pid);
          const elapsed = await sendFile(service.url, path, round);
          cost.push.push(processorTime(service.pid) - before);
          return elapsed;
        },
        hash: async () => {
          const before = process.cpuUsage();
          const elapsed = await hashFile(path);
          const used = process.cpuUsage(before);
          cost.hash.push((used.user + used.system) / 1000);
          return elapsed;
        },
      },
      { rounds: quick ? 3 : 4 },
    );
    const rate = (milliseconds: number): number => (mebibytes / milliseconds) * 1000;
    return [
      {
        name: 'push',
        what: `hashing alone / push of ${mebibytes} MiB`,
        unit: '×',
        value: medianRatio(hash, push),
        aim: { at: 'least', value: 0.7 },
        figures: {
          'push MiB/s': rate(push.median),
          'best MiB/s': rate(push.min),
          'server CPU ms/MiB': median(cost.push) / mebibytes,
          'hash CPU ms/MiB': median(cost.hash) / mebibytes,
          'hash MiB/s': rate(hash.median),
          'best hash MiB/s': rate(hash.min),
        },
      },
    ];
  } finally {
    await service.end();
  }
}

/** Pushes the file as a version of its own and returns the milliseconds until it was durable. */
export async function sendFile(url: string, path: string, round: number): Promise<number> {
  const started = performance.now();
  const answer = await call({
    method: 'POST',
    url: `${url}/v1/datasets/noise/versions?path=noise.bin`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': statSync(path).size + NUMBER_BYTES },
    body: numberedFile(path, round),
  });
  const elapsed = performance.now() - started;
  sink(answer);
  return elapsed;
}

/** Milliseconds of hashing the file with both digests in one pass, with nothing else to do. */
async function hashFile(path: string): Promise<number> {
  const started = performance.now();
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  const block = Buffer.allocUnsafe(MEBIBYTE);
  const file = openSync(path, 'r');
  try {
    for (let size = readSync(file, block); size > 0; size = readSync(file, block)) {
      const part = block.subarray(0, size);
      md5.update(part);
      sha256.update(part);
    }
  } finally {
    closeSync(file);
  }
  sink(md5.digest('hex') + sha256.digest('hex'));
  return performance.now() - started;
}

/** The object that the last push made. */
export async function latestOid(url: string): Promise<string> {
  const version = await callJson({ method: 'GET', url: `${url}/v1/datasets/noise/versions/latest` });
  return String(version.oid);
}
