import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TidemarkError } from '../../errors.ts';
import type { ObjectRemote } from './remote.ts';
import { createDirectoryRemote } from './remote-directory.ts';
import { createMountedRemote } from './remote-mounted.ts';
import { createS3Remote } from './remote-s3.ts';

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(\/[^?#]*)?$/;

export type RemoteSetting = {
  /** `s3://bucket/prefix`, `file:///folder` or a folder's path; undefined for `<dataDirectory>/remote`. */
  readonly url: string | undefined;
  readonly dataDirectory: string;
  /** The database names objects that lie there. */
  readonly holds: boolean;
};

/**
 * The remote that a setting names. Nothing is touched yet: `probe` says whether it works.
 * @throws TidemarkError `invalid-configuration` for a URL that names none.
 */
export function openRemote({ url, dataDirectory, holds }: RemoteSetting): ObjectRemote {
  const inFolder = (folder: string) => createMountedRemote(createDirectoryRemote(folder), { folder, holds });
  if (url === undefined) return inFolder(join(dataDirectory, 'remote'));
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return inFolder(url);
  if (scheme === 'file') return inFolder(folderOf(url));
  const [, bucket, path = ''] = S3_URL.exec(url) ?? [];
  if (scheme !== 's3' || bucket === undefined) throw unusable();
  const prefix = path.split('/').filter((part) => part !== '');
  if (prefix.some((part) => part === '.' || part === '..')) throw unusable();
  return createS3Remote({ bucket, prefix: prefix.join('/'), spoolFolder: join(dataDirectory, 'spool') });
}

function folderOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw unusable();
  }
}

/** Without the setting itself: people put keys into URLs. */
function unusable(): TidemarkError {
  return new TidemarkError(
    'invalid-configuration',
    'The remote must be s3://bucket/prefix (no keys in it; they come from the AWS variables), file:///folder or a folder.',
  );
}
