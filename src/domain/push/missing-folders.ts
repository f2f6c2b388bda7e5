import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { areLooseFilesFew } from '../../store/push/push-settling.ts';
import type { PushSessionRow } from '../../store/push/pushes.ts';
import { listMissingFolders, UNKNOWN_FOLDER } from '../../store/push/remote-questions.ts';

/** As many versions too many are cheaper than a file that was pushed and is none. */
const FEW_FILES = 10;

/**
 * The folders that a push was about to send and that did not come whole, so that files which came without one may be
 * theirs. Clients before `dvc` 3 ask for a folder and then send its files, without the HEAD in between: what they asked
 * for in vain counts only where many files came, for `dvc status --cloud` asks the same and sends nothing. So does a
 * folder that nobody could ask for.
 */
export async function missingFolders(ctx: Pick<Context, 'db'>, session: PushSessionRow): Promise<Oid[]> {
  const few = await areLooseFilesFew(ctx.db, session, FEW_FILES);
  const missing = await listMissingFolders(ctx.db, session, !few);
  const known = missing.filter((name) => name !== UNKNOWN_FOLDER);
  return known.length > 0 ? known : missing;
}
