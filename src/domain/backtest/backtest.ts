import type { Blocked, CauseKind, PolicyConfig } from '../../../schemas/wire/policies.ts';
import { type AlertRule, type Episode, step, type WindowVerdict } from '../alert/episode.ts';
import { occurrences, parseCron } from '../calendar/cron.ts';
import type { ClosedWindow } from '../configuration/sound-data.ts';
import { byRank } from '../policy/cause-rank.ts';
import { type Facts, startsOn, weigh } from '../policy/guards.ts';

/** What has happened, as far as it is kept. Windows count at their end, the rest when it came. */
export type History = {
  readonly since: Date;
  readonly until: Date;
  /** In order of their start. */
  readonly windows: readonly ClosedWindow[];
  readonly rule: AlertRule;
  readonly versions: readonly Date[];
  readonly labels: readonly { readonly at: Date; readonly rows: number }[];
};

export type Backtest = {
  readonly starts: readonly { readonly at: Date; readonly cause: CauseKind }[];
  /** Causes that never led to a run, by the guard that held them back last. */
  readonly blocked: Readonly<Record<string, number>>;
};

/**
 * What a policy would have done over a history. Pure. A run is taken to end at once, and where the policy promotes by
 * itself, to be promoted then; the reference stays the one that the windows were judged against.
 */
export function backtest(config: PolicyConfig, history: History): Backtest {
  const trial = new Trial(config);
  for (const event of eventsOf(config, history)) trial.take(event);
  return trial.end(history.until);
}

type Event = { readonly at: number } & (
  | { readonly kind: 'window'; readonly window: ClosedWindow; readonly firing: number | null }
  | { readonly kind: 'schedule' | 'new_version' }
  | { readonly kind: 'labels'; readonly rows: number }
);

/** More times than these are not tried: a schedule of every minute over years is no policy. */
const MOST_TIMES = 20_000;

function eventsOf(config: PolicyConfig, history: History): Event[] {
  const { since, until, versions, labels } = history;
  const events: Event[] = windowsOf(history);
  const cron = config.schedule === null ? null : parseCron(config.schedule);
  if (cron !== null && !('problem' in cron)) {
    let times = 0;
    for (const at of occurrences(cron, config.zone, since.getTime())) {
      if (at > until.getTime() || ++times > MOST_TIMES) break;
      events.push({ kind: 'schedule', at });
    }
  }
  if (config.new_data !== null && config.new_data.tag === null) {
    for (const at of versions) events.push({ kind: 'new_version', at: at.getTime() });
  }
  if (config.new_labelled_rows !== null) {
    for (const { at, rows } of labels) events.push({ kind: 'labels', at: at.getTime(), rows });
  }
  const [from, to] = [since.getTime(), until.getTime()];
  return events.filter(({ at }) => at >= from && at <= to).toSorted((a, b) => a.at - b.at);
}

/** Each window with the number of the alert that fires in it; null where none does. */
function windowsOf({ windows, rule }: History): Event[] {
  let episode: Episode | null = null;
  let alerts = 0;
  return windows.map((window): Event => {
    // Only verdicts of windows are kept.
    const verdict = (window.verdict ?? 'error') as WindowVerdict;
    const next = step(episode, verdict, rule);
    if (next.transitions.some(({ from, to }) => from === 'pending' && to === 'firing')) alerts++;
    episode = next.episode?.state === 'resolved' ? null : next.episode;
    return { kind: 'window', at: window.end.getTime(), window, firing: episode?.state === 'firing' ? alerts : null };
  });
}

type Waiting = { guard: Blocked['code'] | null };

class Trial {
  readonly #config: PolicyConfig;
  readonly #starts: { at: Date; cause: CauseKind }[] = [];
  readonly #blocked: Record<string, number> = {};
  readonly #waiting = new Map<CauseKind, Waiting>();
  /** Alerts that had their run. */
  readonly #served = new Set<number>();
  #clock = Number.NEGATIVE_INFINITY;
  #window: ClosedWindow | null = null;
  #firing: number | null = null;
  #labels = 0;
  /** A window of the model that was promoted last has been judged. */
  #judged = true;

  constructor(config: PolicyConfig) {
    this.#config = config;
  }

  take(event: Event): void {
    // What is lifted at this very moment is looked at together with what comes now.
    this.#settle(event.at - 1);
    this.#clock = event.at;
    if (event.kind === 'window') this.#takeWindow(event.window, event.firing);
    else if (event.kind === 'labels') this.#takeLabels(event.rows);
    else this.#want(event.kind);
    this.#settle(event.at);
  }

  end(until: Date): Backtest {
    this.#settle(until.getTime());
    for (const kind of [...this.#waiting.keys()]) this.#drop(kind);
    return { starts: this.#starts, blocked: this.#blocked };
  }

  #takeWindow(window: ClosedWindow, firing: number | null): void {
    this.#window = window;
    this.#firing = firing;
    const last = this.#starts.at(-1)?.at ?? null;
    const comparison = window.verdict === 'drift' || window.verdict === 'no_drift';
    if (comparison && (last === null || window.start >= last)) this.#judged = true;
    if (firing === null) this.#drop('alert');
    else if (startsOn(this.#config, 'alert') && window.verdict === 'drift' && !this.#served.has(firing)) {
      if (!this.#waiting.has('alert')) this.#waiting.set('alert', { guard: null });
    }
  }

  #takeLabels(rows: number): void {
    this.#labels += rows;
    const wanted = this.#config.new_labelled_rows;
    if (wanted === null || this.#labels < wanted || this.#waiting.has('new_labels')) return;
    this.#waiting.set('new_labels', { guard: null });
  }

  /** A newer cause takes the place of one that waits. */
  #want(kind: CauseKind): void {
    this.#drop(kind);
    this.#waiting.set(kind, { guard: null });
  }

  #drop(kind: CauseKind): void {
    const guard = this.#waiting.get(kind)?.guard;
    this.#waiting.delete(kind);
    if (guard != null) this.#blocked[guard] = (this.#blocked[guard] ?? 0) + 1;
  }

  /** Starts what waits, as soon as time alone lifts its guards. */
  #settle(upTo: number): void {
    while (this.#waiting.size > 0) {
      const now = new Date(this.#clock);
      const blocked = weigh(this.#facts(), this.#config, { now, byHand: false });
      const [first] = blocked;
      if (first === undefined) {
        this.#start(now);
        return;
      }
      for (const waiting of this.#waiting.values()) waiting.guard = first.code;
      const lifted = Math.max(...blocked.map(({ until }) => (until === undefined ? Infinity : Date.parse(until))));
      if (lifted > upTo) return;
      this.#clock = lifted;
    }
  }

  #start(at: Date): void {
    const [cause = 'request'] = [...this.#waiting.keys()].toSorted(byRank);
    this.#starts.push({ at, cause });
    if (cause === 'alert' && this.#firing !== null) this.#served.add(this.#firing);
    this.#waiting.clear();
    this.#labels = 0;
    this.#judged = this.#config.promote === 'manual';
  }

  #facts(): Facts {
    const last = this.#starts.at(-1)?.at;
    return {
      stopped: null,
      enabled: true,
      newest: last === undefined ? null : { id: '', state: 'succeeded', createdAt: last },
      begun: this.#starts.map(({ at }) => ({ at, cost: null })),
      hasPredictions: true,
      window: this.#window,
      unjudged: this.#judged || last === undefined ? null : { run: '', from: last },
    };
  }
}
