import type { Digests, Oid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { judgeStored } from '../objects/object-judge.ts';
import type { ObjectRemote } from './remote.ts';
import { s3Status } from './remote-s3-client.ts';

/** How often a key may be taken and yet not there, or a conditional write be told to come again. */
const ATTEMPTS = 5;

export type Making = {
  /** Makes the object; where `onlyNew`, it fails with 412 when there is one. */
  readonly make: (onlyNew: boolean) => Promise<void>;
  /** To send it costs less than to ask whether it is there. */
  readonly small: boolean;
};

/** Makes objects under their keys, unless the same bytes are there. */
export class Publisher {
  readonly #remote: Pick<ObjectRemote, 'read' | 'stat'>;
  /** False once the server has said that it knows no conditional writes. */
  #conditional = true;

  constructor(remote: Pick<ObjectRemote, 'read' | 'stat'>) {
    this.#remote = remote;
  }

  /**
   * Returns whether they were there.
   * @throws TidemarkError `digest-conflict`, `store-unavailable` where others keep interfering, and what `make` throws.
   */
  async publish(oid: Oid, digests: Digests, { make, small }: Making): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const untried = small && attempt === 0 && this.#conditional;
      const stored = untried ? 'missing' : await judgeStored(this.#remote, oid, digests);
      if (stored === 'same') return true;
      try {
        await make(stored === 'missing' && this.#conditional);
        return false;
      } catch (error) {
        if (s3Status(error) === 501 && this.#conditional) {
          this.#conditional = false;
          continue;
        }
        // 412: another writer (or our own attempt whose answer was lost) came first. 409: they are at it now.
        if (s3Status(error) !== 412 && s3Status(error) !== 409) throw error;
      }
    }
    throw new TidemarkError('store-unavailable', 'Other writers of the same object keep interfering. Try again.');
  }
}
