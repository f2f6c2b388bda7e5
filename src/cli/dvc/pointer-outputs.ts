import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { posix } from 'node:path/posix';
import { type Pointer, parsePointer, stagesOfOutputs } from '../../dvc/pointer.ts';
import { relpathProblem } from '../../dvc/relpath.ts';
import { findStage, isTemplated, readStages } from '../../dvc/stages.ts';
import { readScalar } from '../../dvc/yaml.ts';
import { TidemarkError } from '../../errors.ts';

/**
 * The outputs of a `.dvc` file or `dvc.lock`, relative to it; of a `dvc.lock` without those that its `dvc.yaml` leaves to
 * Git, as `dvc pull` does.
 * @throws TidemarkError `invalid-body` for what is no such file, and for outputs outside of its folder.
 */
export function readOutputs(file: string): Pointer[] {
  const text = readFileSync(file, 'utf8');
  const outputs = parsePointer(text);
  if (basename(file) !== 'dvc.lock') {
    const [, wdir = '.'] = /^wdir\s*:\s*(.*)$/m.exec(text) ?? [];
    return outputs.map((output) => inFolder(output, { file, wdir: readScalar(wdir) ?? wdir }));
  }
  const stages = readStages(textOf(join(dirname(file), 'dvc.yaml')));
  const names = stagesOfOutputs(text);
  return outputs.flatMap((output, index) => {
    const stage = findStage(stages, names[index] ?? '');
    if (stage?.leavesToGit(output.path) === true) return [];
    return [inFolder(output, { file, wdir: stage?.wdir ?? '.' })];
  });
}

/** @throws TidemarkError `invalid-body` where that is not known, or outside of the folder that the file lies in. */
function inFolder(output: Pointer, { file, wdir }: { file: string; wdir: string }): Pointer {
  if (wdir === '.') return output;
  const path = posix.join(wdir, output.path);
  if (!isTemplated(wdir) && relpathProblem(path) === null) return { ...output, path };
  throw new TidemarkError(
    'invalid-body',
    `${output.path} of ${file} lies in another folder ("wdir: ${wdir}"); pull it with dvc.`,
  );
}

/** True for a file that is there. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

const textOf = (path: string): string => (isFile(path) ? readFileSync(path, 'utf8') : '');
