import type { Client } from '../client/client.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { printable, type Terminal } from '../terminal/terminal.ts';
import { compareLocal, isSame } from './local-tree.ts';
import { openTarget } from './target.ts';

/** Lists the files by which what lies at a path differs from a version. @returns whether it does. */
export async function diff(
  client: Client,
  terminal: Terminal,
  path: string,
  options: { target: string; cache: string | undefined; followLinks?: boolean | undefined },
): Promise<number> {
  const target = await openTarget(client, options.target, path);
  const { difference } = await compareLocal(terminal, path, { ...options, target });
  const { added, changed, removed, renamed, same } = difference;
  const paths = (list: readonly { readonly path: string }[]): string[] => list.map((file) => file.path);
  const result = {
    target: target.name,
    oid: target.oid,
    added: paths(added),
    changed: paths(changed),
    removed: paths(removed),
    renamed,
    same,
  };
  terminal.result(result, () =>
    [
      ...result.added.map((name) => `A  ${printable(name)}`),
      ...result.changed.map((name) => `M  ${printable(name)}`),
      ...result.removed.map((name) => `D  ${printable(name)}`),
      ...renamed.map(({ from, to }) => `R  ${printable(from)} → ${printable(to)}`),
      ...(isSame(difference) ? [`${path} is ${target.name}`] : []),
    ].join('\n'),
  );
  return isSame(difference) ? EXIT.done : EXIT.differs;
}
