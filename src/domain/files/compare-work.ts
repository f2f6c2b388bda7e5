import type { Worked } from '../../compute/work-threads.ts';
import { type CompareRequest, comparePart } from './compare-part.ts';

/** The comparison of a column, in a thread. */
export const work = async (request: CompareRequest): Promise<Worked> => ({ answer: comparePart(request) });
