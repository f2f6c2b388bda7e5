import type { Client } from '../client/client.ts';
import { bytes, type Terminal, table } from '../terminal/terminal.ts';
import { openTarget, type TargetFile } from './target.ts';

type Usage = { readonly folder: string; readonly files: number; readonly bytes: number };

/** Says how much the folders of a version take, and how much of the whole is stored once. */
export async function du(client: Client, terminal: Terminal, name: string): Promise<void> {
  const target = await openTarget(client, name);
  const folders = usageOf(target.files);
  const total = { files: target.files.length, bytes: sizeOf(target.files) };
  const contents = new Map(target.files.map((file) => [file.md5, file]));
  const unique = { objects: contents.size, bytes: sizeOf([...contents.values()]) };
  terminal.result({ target: target.name, oid: target.oid, ...total, unique, folders }, () =>
    table([
      ['SIZE', 'FILES', 'FOLDER'],
      ...folders.map((usage) => [bytes(usage.bytes), String(usage.files), usage.folder]),
      [bytes(total.bytes), String(total.files), '(all)'],
      [bytes(unique.bytes), String(unique.objects), '(different)'],
    ]),
  );
}

/** The first folders below the top, largest first; files of the top itself as `.`. */
function usageOf(files: readonly TargetFile[]): Usage[] {
  const usages = new Map<string, Usage>();
  for (const file of files) {
    const slash = file.path.indexOf('/');
    const folder = slash === -1 ? '.' : file.path.slice(0, slash);
    const known = usages.get(folder) ?? { folder, files: 0, bytes: 0 };
    usages.set(folder, { folder, files: known.files + 1, bytes: known.bytes + file.size });
  }
  return [...usages.values()].toSorted((a, b) => b.bytes - a.bytes);
}

const sizeOf = (files: readonly TargetFile[]): number => files.reduce((sum, file) => sum + file.size, 0);
