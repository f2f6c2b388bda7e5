import type { Worked } from '../../compute/work-threads.ts';
import { buffersOf, type PartRequest, profilePart } from './profile-part.ts';

/** A part of a profile, in a thread. @throws TidemarkError `unreadable-data`. */
export async function work(request: PartRequest, tell: (rows: number) => void): Promise<Worked> {
  const answer = await profilePart(request, tell);
  return { answer, moved: 'states' in answer ? buffersOf(answer.states) : [] };
}
