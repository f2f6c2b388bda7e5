import { existsSync } from 'node:fs';
import { TidemarkError } from '../errors.ts';
import type { Client } from './client.ts';
import { EXIT } from './exit-codes.ts';
import { compareLocal, isSame } from './local-tree.ts';
import { surveyMissing } from './send-objects.ts';
import { openTarget } from './target.ts';
import { bytes, type Terminal } from './terminal.ts';

/**
 * Says in one line how what lies at a path stands to a version, and what a push would have to send.
 * @returns whether it differs.
 */
export async function status(
  client: Client,
  terminal: Terminal,
  path: string,
  options: { target: string | undefined; cache: string | undefined },
): Promise<number> {
  const target = await openTarget(client, options.target ?? pointerBeside(path), path);
  const { entries, difference } = await compareLocal(terminal, path, { target, cache: options.cache });
  const sizes = new Map(entries.map((entry) => [entry.md5, entry.size]));
  const missing = await surveyMissing(
    client,
    [...sizes].map(([oid, size]) => ({ oid, size })),
  );
  const toSend = [...missing].reduce((sum, oid) => sum + (sizes.get(oid) ?? 0), 0);
  const counts = {
    added: difference.added.length,
    changed: difference.changed.length,
    removed: difference.removed.length,
    renamed: difference.renamed.length,
    same: difference.same,
  };
  const result = { target: target.name, oid: target.oid, ...counts, to_send: { objects: missing.size, bytes: toSend } };
  terminal.result(result, () => {
    const said = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
    return `${target.name}  ${said.join(', ')}  to send: ${missing.size} objects, ${bytes(toSend)}`;
  });
  return isSame(difference) ? EXIT.done : EXIT.differs;
}

function pointerBeside(path: string): string {
  const pointer = `${path.replace(/\/+$/, '')}.dvc`;
  if (existsSync(pointer)) return pointer;
  throw new TidemarkError('bad-path', `There is no ${pointer}; say which version to compare with.`);
}
