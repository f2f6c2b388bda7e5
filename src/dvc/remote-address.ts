import { TidemarkError } from '../errors.ts';
import type { Oid } from './hash.ts';
import { type Layout, OBJECT_FOLDER, oidOfPath } from './path.ts';

/** What an address below a server's DVC remotes names. */
export type RemoteAddress = {
  readonly project: string;
  /** Null in the remote of the whole project. */
  readonly dataset: string | null;
  /** Null for the remote itself. */
  readonly object: { readonly oid: Oid; readonly layout: Layout } | null;
};

/**
 * Reads `{project}[/{dataset}]` and a path in that remote: an object's, `files/md5`, or nothing. It is read from its
 * end, where an object's path has one of two forms; a project or a dataset may be called "files" too.
 * @throws TidemarkError `bad-path`.
 */
export function parseRemoteAddress(path: string): RemoteAddress {
  const segments = path.replace(/\/$/, '').split('/');
  for (const length of [4, 2]) {
    const object = oidOfPath(segments.slice(-length).join('/'));
    const base = baseOf(segments.slice(0, -length));
    if (object !== null && base !== null) return { ...base, object };
  }
  const folder = segments.slice(-2).join('/') === OBJECT_FOLDER ? baseOf(segments.slice(0, -2)) : null;
  const base = folder ?? baseOf(segments);
  if (base !== null) return { ...base, object: null };
  throw new TidemarkError(
    'bad-path',
    'This is no object of a DVC remote: after project and dataset comes files/md5/ (DVC 2: nothing) and the MD5 in lower-case hex with a slash after two digits.',
  );
}

/** True for the path of an object below whatever it is that comes before it. */
export function endsLikeObject(path: string): boolean {
  return oidOfPath(path.split('/').slice(-2).join('/')) !== null;
}

function baseOf(segments: readonly string[]): Omit<RemoteAddress, 'object'> | null {
  const [project, dataset = null] = segments;
  if (project === undefined || project === '' || dataset === '' || segments.length > 2) return null;
  return { project, dataset };
}
