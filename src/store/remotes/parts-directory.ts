import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digests } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { syncFolder } from '../objects/durable-files.ts';
import { storeFailure, systemCode } from '../objects/object-failure.ts';
import { intake } from '../objects/object-intake.ts';
import { namesIn, openSpool } from '../objects/object-spool.ts';
import { releasable } from '../objects/object-stream.ts';
import type { PutOptions } from './put-options.ts';
import { partName, partNotFound, partNumber, type UploadParts } from './upload-parts.ts';

const READ_BLOCK = 1024 * 1024;

/** Parts in folders named by their uploads, below `folder`. */
export function createDirectoryParts(folder: string): UploadParts {
  return {
    put: (upload, number, source, options) => put(folder, { upload, number, source, options }),
    list: async (upload) => {
      const parts = new Map<number, { size: number }>();
      for (const name of await namesIn(join(folder, upload))) {
        const number = partNumber(name);
        const found = await stat(join(folder, upload, name)).catch(() => null);
        if (number !== null && found !== null) parts.set(number, { size: found.size });
      }
      return parts;
    },
    read: async (upload, number) => {
      try {
        const handle = await open(join(folder, upload, partName(number)), 'r');
        return releasable(handle.createReadStream({ highWaterMark: READ_BLOCK }), undefined);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') throw new TidemarkError('not-found', partNotFound(number));
        throw storeFailure(error, 'reading a part');
      }
    },
    remove: (upload) => rm(join(folder, upload), { recursive: true, force: true }),
    sweep: (before) => sweep(folder, before),
  };
}

type Given = {
  readonly upload: string;
  readonly number: number;
  readonly source: AsyncIterable<Uint8Array>;
  readonly options: PutOptions;
};

async function put(folder: string, { upload, number, source, options }: Given): Promise<Digests> {
  try {
    const own = join(folder, upload);
    if ((await mkdir(own, { recursive: true })) !== undefined) await syncFolder(folder);
    const spool = await openSpool(own, { durable: true });
    try {
      const digests = await intake(source, spool, options);
      await spool.finish();
      await rename(spool.path, join(own, partName(number)));
      await syncFolder(own);
      return digests;
    } finally {
      await spool.discard();
    }
  } catch (error) {
    throw storeFailure(error, 'storing a part');
  }
}

async function sweep(folder: string, before: number): Promise<number> {
  let removed = 0;
  for (const upload of await namesIn(folder)) {
    const own = join(folder, upload);
    for (const name of await readdir(own).catch(() => [])) {
      const found = await stat(join(own, name)).catch(() => null);
      if (found === null || found.mtimeMs >= before) continue;
      await rm(join(own, name), { force: true });
      removed++;
    }
    // Only when it is empty; with parts in it, it stays.
    await rmdir(own).catch(() => {});
  }
  return removed;
}
