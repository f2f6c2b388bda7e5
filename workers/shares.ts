import type { ClaimedJob, ClaimOptions, Turn } from '../src/store/jobs/jobs.ts';

type Claim = (options: ClaimOptions) => Promise<ClaimedJob | null>;

/** Of so many runners one claim may be under way. What each claim finds is not known to the others. */
const RUNNERS_A_CLAIM = 32;

/** Turns that are remembered: beyond them it is as if there had been none, and what is due first comes first. */
const MOST_TURNS = 200;

/**
 * Shares the runners of one loop among projects: nobody gets another one who has as many as are left. So one project can
 * hold half of them, a second one half of the rest; there is always one left for whoever has none. It also remembers whose
 * turn it was, so that each gets one, however many jobs another has waiting.
 */
export class Shares {
  readonly #runners: number;
  /** Claims that may be under way at once. */
  readonly #claims: number;
  /** Whose turn it was, the latest last. */
  readonly #turns = new Map<string, Turn>();
  readonly #held = new Map<number, number>();
  readonly #waiting: (() => void)[] = [];
  #claiming = 0;
  #running = 0;

  constructor(runners: number) {
    this.#runners = runners;
    this.#claims = Math.max(1, Math.floor(runners / RUNNERS_A_CLAIM));
  }

  /** Claims a job for a runner, of those who may have one more. `giveBack` ends it. */
  async take(claim: Claim): Promise<ClaimedJob | null> {
    while (this.#claiming === this.#claims) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#claiming++;
    try {
      const job = await claim({ passedOver: this.#full(), lately: [...this.#turns.values()] });
      if (job !== null) {
        this.#count(job, 1);
        this.#remember(job);
      }
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
    const left = this.#runners - this.#running - this.#claims;
    return [...this.#held].filter(([, held]) => held >= left).map(([projectId]) => projectId);
  }

  #remember({ projectId, monitorId }: Turn): void {
    const whose = `${projectId}/${monitorId}`;
    // Anew, so that it comes last.
    this.#turns.delete(whose);
    this.#turns.set(whose, { projectId, monitorId });
    const [eldest] = this.#turns.keys();
    if (this.#turns.size > MOST_TURNS && eldest !== undefined) this.#turns.delete(eldest);
  }

  #count({ projectId }: ClaimedJob, change: 1 | -1): void {
    this.#running += change;
    // The service's own jobs are few.
    if (projectId === 0) return;
    const held = (this.#held.get(projectId) ?? 0) + change;
    if (held === 0) this.#held.delete(projectId);
    else this.#held.set(projectId, held);
  }
}
