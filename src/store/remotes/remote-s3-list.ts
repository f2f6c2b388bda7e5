import { legacyPath, listingPrefix, objectPath, oidOfPath } from '../../dvc/path.ts';
import type { ListedObject, ListOptions } from './remote.ts';
import { inTime, type S3Connection } from './remote-s3-client.ts';

/**
 * Objects under a base (with its slash at the end, or empty) in ascending order of oid, whose oid begins with `prefix`.
 * Memory holds a page of them.
 */
export async function* listS3Objects(
  s3: S3Connection,
  base: string,
  { prefix, after = '', layout = 'files-md5' }: ListOptions & { readonly prefix: string },
): AsyncGenerator<ListedObject> {
  if (layout === 'files-md5') {
    yield* listKeys(s3, base, { path: listingPrefix(prefix), behind: after === '' ? undefined : objectPath(after) });
    return;
  }
  // What lies beside them at the base (files/, runs/) may be far more than they are.
  for (let first = 0; first < 256; first++) {
    const start = first.toString(16).padStart(2, '0');
    if (start < after.slice(0, 2) || !(prefix.startsWith(start) || start.startsWith(prefix))) continue;
    const path = prefix.length > 2 ? legacyPath(prefix) : `${start}/`;
    yield* listKeys(s3, base, { path, behind: after.startsWith(start) ? legacyPath(after) : undefined });
  }
}

/** Relative to the base. */
type KeyRange = { readonly path: string; readonly behind: string | undefined };

/** The objects among the keys that begin with `path`, behind the key `behind`. */
async function* listKeys(s3: S3Connection, base: string, { path, behind }: KeyRange): AsyncGenerator<ListedObject> {
  const range = { Prefix: base + path, ...(behind === undefined ? {} : { StartAfter: base + behind }) };
  let token: string | undefined;
  do {
    const command = new s3.sdk.ListObjectsV2Command({ Bucket: s3.bucket, ...range, ContinuationToken: token });
    const page = await inTime(s3, undefined, (given) => s3.client.send(command, given));
    for (const { Key: key = '', Size: size = 0 } of page.Contents ?? []) {
      const oid = oidOfPath(key.slice(base.length))?.oid;
      if (oid !== undefined) yield { oid, size };
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}
