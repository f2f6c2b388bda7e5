import type { Worked } from '../../compute/work-threads.ts';
import type { OnRows } from './kept-columns.ts';
import { buffersOf, type PartRequest, profilePart } from './profile-part.ts';

/** To wake the asker for every batch of every column takes some per cent of the time of a profile. */
const TOLD_VALUES = 2 ** 20;

/** A part of a profile, in a thread. @throws TidemarkError `unreadable-data`. */
export async function work(request: PartRequest, tell: OnRows): Promise<Worked> {
  const progress = inLargeSteps(tell, TOLD_VALUES / ('wanted' in request ? request.wanted.length : 1));
  const answer = await profilePart(request, progress.add);
  progress.end();
  return { answer, moved: 'states' in answer ? buffersOf(answer.states) : [] };
}

/** Tells of rows as soon as they are so many, and at the end. */
function inLargeSteps(tell: OnRows, step: number): { readonly add: OnRows; readonly end: () => void } {
  let untold = 0;
  const end = () => {
    if (untold > 0) tell(untold);
    untold = 0;
  };
  return {
    add: (rows) => {
      untold += rows;
      if (untold >= step) end();
    },
    end,
  };
}
