import type { ClaimedJob } from '../src/store/jobs.ts';

type Claim = (passedOver: readonly number[]) => Promise<ClaimedJob | null>;

/** Claims that are under way at once. What each of them finds is not known to the others. */
const CLAIMS = 4;

/**
 * Shares the runners of one loop among projects: nobody gets another one who has as many as are left. So one project can
 * hold half of them, a second one half of the rest; there is always one left for whoever has none.
 */
export class Shares {
  readonly #runners: number;
  readonly #held = new Map<number, number>();
  readonly #waiting: (() => void)[] = [];
  #claiming = 0;
  #running = 0;

  constructor(runners: number) {
    this.#runners = runners;
  }

  /** Claims a job for a runner, of those who may have one more. `giveBack` ends it. */
  async take(claim: Claim): Promise<ClaimedJob | null> {
    while (this.#claiming === CLAIMS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#claiming++;
    try {
      const job = await claim(this.#full());
      if (job !== null) this.#count(job, 1);
      return job;
    } finally {
      this.#claiming--;
      this.#waiting.shift()?.();
    }
  }

  giveBack(job: ClaimedJob): void {
    this.#count(job, -1);
  }

  #full(): number[] {
    const left = this.#runners - this.#running - CLAIMS;
    return [...this.#held].filter(([, held]) => held >= left).map(([projectId]) => projectId);
  }

  #count({ projectId }: ClaimedJob, change: 1 | -1): void {
    this.#running += change;
    if (projectId === null) return;
    const held = (this.#held.get(projectId) ?? 0) + change;
    if (held === 0) this.#held.delete(projectId);
    else this.#held.set(projectId, held);
  }
}
