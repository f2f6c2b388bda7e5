import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TidemarkError } from '../../errors.ts';

/** What the pointers of a repository name at one commit. */
export type Revision = {
  readonly commit: string;
  readonly oids: readonly { readonly oid: string; readonly why: string }[];
};

/**
 * The objects that `.dvc` files and `dvc.lock` name at a revision of the repository around a folder.
 * @throws TidemarkError `bad-request` for a revision or a folder that git does not know.
 */
export async function oidsAtRevision(folder: string, revision: string): Promise<Revision> {
  const commit = (await git(folder, ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`])).trim();
  const files = (await git(folder, ['ls-tree', '-r', '-z', '--full-tree', '--name-only', commit]))
    .split('\0')
    .filter((path) => path.endsWith('.dvc') || path === 'dvc.lock' || path.endsWith('/dvc.lock'));
  const oids = new Map<string, string>();
  for (const path of files) {
    const text = await git(folder, ['show', '--end-of-options', `${commit}:${path}`]);
    for (const [, oid = ''] of text.matchAll(/\bmd5: *["']?([0-9a-f]{32}(?:\.dir)?)\b/g)) {
      oids.set(oid, `${revision}: ${path}`.slice(0, 200));
    }
  }
  return { commit, oids: [...oids].map(([oid, why]) => ({ oid, why })) };
}

async function git(folder: string, args: readonly string[]): Promise<string> {
  const child = spawn('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => void complaints.push(chunk));
  const [code] = (await once(child, 'close').catch((cause: unknown) => {
    throw new TidemarkError('bad-request', 'git cannot be run here; --keep-git needs it.', { cause });
  })) as [number | null];
  if (code === 0) return Buffer.concat(chunks).toString('utf8');
  const said = Buffer.concat(complaints).toString('utf8').trim().split('\n')[0] ?? '';
  throw new TidemarkError('bad-request', `git ${args[0]} failed: ${said}`);
}
