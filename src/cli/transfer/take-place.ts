import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readSync, rmSync } from 'node:fs';
import { TidemarkError } from '../../errors.ts';
import { isChanged, moveFile, stampAt } from './local-files.ts';

/** What a file that was pulled is to stand in the place of. */
export type Place = {
  readonly md5: string;
  /** The stamp of the file that stood under its name when that was looked at; absent: whatever is there may go. */
  readonly over?: string | undefined;
};

/**
 * Gives a file that is whole its name. What took that name meanwhile stays, if it has the same bytes, as those of another
 * pull have.
 * @returns the stamp of what stands there then; nothing where yet another file has taken its place.
 * @throws TidemarkError `conflict` when somebody has changed what was to be replaced.
 */
export function takePlace(aside: string, target: string, { md5, over }: Place): string {
  if (over === undefined || !isChanged(target, over)) return moveOver(aside, target);
  const stamp = stampAt(target);
  if (md5OfFile(target) !== md5 || stamp === null || stampAt(target) !== stamp) throw changedWhilePulled(target);
  rmSync(aside);
  return stamp;
}

/** @throws TidemarkError `bad-path` where a folder stands for the file. */
function moveOver(aside: string, target: string): string {
  try {
    return moveFile(aside, target);
  } catch (error) {
    if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
    rmSync(aside, { force: true });
    throw new TidemarkError('bad-path', `${target} is a folder, and the version has a file there; move it away first.`);
  }
}

export function changedWhilePulled(file: string): TidemarkError {
  return new TidemarkError('conflict', `${file} was changed while it was pulled, and stays as it is; pull again.`);
}

const BLOCK = 1024 ** 2;

function md5OfFile(file: string): string {
  const digester = createHash('md5');
  const block = Buffer.allocUnsafe(BLOCK);
  const handle = openSync(file, 'r');
  try {
    for (let count = BLOCK; count > 0; ) {
      count = readSync(handle, block, 0, BLOCK, null);
      digester.update(block.subarray(0, count));
    }
    return digester.digest('hex');
  } finally {
    closeSync(handle);
  }
}
