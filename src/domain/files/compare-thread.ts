import { answerRequests } from '../../compute/thread-pool.ts';
import { comparePart } from './compare-part.ts';

/** A thread that compares columns, one after another. */
answerRequests(comparePart);
