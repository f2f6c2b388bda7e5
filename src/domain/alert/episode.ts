/** One alert as a machine that is fed windows in order. Pure: no clock, no chance, nothing but verdicts. */

type EpisodeState = 'pending' | 'firing' | 'recovering' | 'resolved';
export type WindowVerdict = 'drift' | 'no_drift' | 'insufficient_data' | 'no_data' | 'error';

/**
 * `streak`: consecutive windows, up to now, that breached (pending, firing) or were clean (recovering). `recent`: the
 * last windows that count for firing, oldest first, `x` for a breach and `.` for a clean one; empty once it fires.
 */
export type Episode = { readonly state: EpisodeState; readonly streak: number; readonly recent: string };

export type AlertRule = {
  /** Breaching windows until the alert fires. */
  readonly fireAfter: number;
  /** Among so many windows; as many as `fireAfter` when they must be consecutive. */
  readonly fireWithin: number;
  /** Consecutive clean windows until a firing alert is resolved. */
  readonly resolveAfter: number;
};

type Reason = 'drift_began' | 'drift_confirmed' | 'drift_ended_early' | 'clean_window' | 'drift_returned' | 'recovered';

export type Transition = {
  readonly from: EpisodeState | null;
  readonly to: EpisodeState;
  readonly reason: Reason;
};

export type Step = { readonly episode: Episode | null; readonly transitions: readonly Transition[] };

/**
 * What one more window makes of an episode; null stands for none. A window that could not be judged (too little
 * data, none, an error) neither breaches nor heals: it leaves everything as it was.
 */
export function step(episode: Episode | null, verdict: WindowVerdict, rule: AlertRule): Step {
  if (verdict === 'drift') return breach(episode, rule);
  if (verdict === 'no_drift') return heal(episode, rule);
  return { episode, transitions: [] };
}

function breach(episode: Episode | null, rule: AlertRule): Step {
  if (episode?.state === 'firing') return stay({ ...episode, streak: episode.streak + 1 });
  if (episode?.state === 'recovering') {
    const back = { state: 'firing', streak: 1, recent: '' } as const;
    return move(back, [{ from: 'recovering', to: 'firing', reason: 'drift_returned' }]);
  }
  const begun = episode?.state === 'pending' ? episode : null;
  const streak = (begun?.streak ?? 0) + 1;
  const recent = `${begun?.recent ?? ''}x`.slice(-rule.fireWithin);
  const opening: Transition[] = begun === null ? [{ from: null, to: 'pending', reason: 'drift_began' }] : [];
  if (breachesIn(recent) < rule.fireAfter) return move({ state: 'pending', streak, recent }, opening);
  const fired = { state: 'firing', streak, recent: '' } as const;
  return move(fired, [...opening, { from: 'pending', to: 'firing', reason: 'drift_confirmed' }]);
}

function heal(episode: Episode | null, rule: AlertRule): Step {
  if (episode === null || episode.state === 'resolved') return stay(null);
  if (episode.state === 'pending') {
    const recent = `${episode.recent}.`.slice(-rule.fireWithin);
    if (mayStillCount(recent, rule)) return stay({ state: 'pending', streak: 0, recent });
    const ended = { state: 'resolved', streak: 1, recent: '' } as const;
    return move(ended, [{ from: 'pending', to: 'resolved', reason: 'drift_ended_early' }]);
  }
  const streak = episode.state === 'recovering' ? episode.streak + 1 : 1;
  const opening: Transition[] =
    episode.state === 'firing' ? [{ from: 'firing', to: 'recovering', reason: 'clean_window' }] : [];
  if (streak < rule.resolveAfter) return move({ state: 'recovering', streak, recent: '' }, opening);
  const ended = { state: 'resolved', streak, recent: '' } as const;
  return move(ended, [...opening, { from: 'recovering', to: 'resolved', reason: 'recovered' }]);
}

const breachesIn = (recent: string): number => recent.split('x').length - 1;

/** Whether the breaches so far would have the alert fire earlier than if they were forgotten. */
function mayStillCount(recent: string, { fireAfter, fireWithin }: AlertRule): boolean {
  for (let more = 1; more < fireAfter; more++) {
    const kept = fireWithin - more;
    if (kept > 0 && breachesIn(recent.slice(-kept)) + more >= fireAfter) return true;
  }
  return false;
}

const stay = (episode: Episode | null): Step => ({ episode, transitions: [] });
const move = (episode: Episode, transitions: readonly Transition[]): Step => ({ episode, transitions });
