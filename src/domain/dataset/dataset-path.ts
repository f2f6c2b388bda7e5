import { relpathProblem, relpathWarning } from '../../dvc/relpath.ts';
import { TidemarkError } from '../../errors.ts';

/**
 * A path inside a dataset, unchanged.
 * @throws TidemarkError `bad-path` for one that is absolute, leaves its folder, or no file system takes.
 */
export function checkPath(path: string): string {
  const problem = relpathProblem(path);
  if (problem === null) return path;
  const shown = JSON.stringify(path.length > 120 ? `${path.slice(0, 117)}...` : path);
  throw new TidemarkError('bad-path', `The path ${shown} cannot be taken: it ${problem.detail}.`, {
    issues: [{ code: problem.code, detail: problem.detail, field: 'path' }],
  });
}

/** What befalls a path of a dataset on other machines or before eyes; null when nothing does. */
export const warnOfPath = (path: string): string | null => relpathWarning(path);
