import { z } from 'zod';
import { isDirectoryOid, md5Of, oidOfMd5 } from '../../dvc/hash.ts';
import { readTree } from '../../dvc/tree.ts';
import type { Client } from '../client/client.ts';
import type { KnownTree } from './digest-index.ts';

const latest = z.looseObject({ oid: z.string(), files: z.int() });

/** For fewer files the questions cost more than they save. */
const LEAST_FILES = 200;

/**
 * The newest version of a dataset, where it may have most of a folder of so many files: what it lists is held, and need
 * not be asked for. Whether that is so still, the commit finds out.
 * @returns null where there is none like that, or it cannot be had.
 */
export async function fetchBaseTree(client: Client, dataset: string, files: number): Promise<KnownTree | null> {
  if (files < LEAST_FILES) return null;
  try {
    const version = await client.call(latest, 'GET', `/v1/datasets/${encodeURIComponent(dataset)}/versions/latest`);
    if (!isDirectoryOid(version.oid) || version.files < files / 2 || version.files > files * 2) return null;
    const reply = await client.open('GET', `/v1/objects/${version.oid}`);
    const bytes = await reply.bytes();
    if (oidOfMd5(md5Of(bytes), true) !== version.oid) return null;
    const entries = readTree(bytes);
    return { oid: version.oid, files: new Map(entries.map((entry) => [entry.relpath, entry])) };
  } catch {
    // There is none, or it cannot be read: all is asked for, one by one.
    return null;
  }
}
