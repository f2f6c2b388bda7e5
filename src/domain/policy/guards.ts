import type { Blocked, PolicyConfig } from '../../../schemas/wire/policies.ts';
import type { BegunRun } from '../../store/retraining/run-causes.ts';
import { periodOf } from '../calendar/zone.ts';
import { brokenColumns, type ClosedWindow } from '../configuration/sound-data.ts';
import { isLiving, type RunState } from '../run/run.ts';
import { durationInWords } from '../window/duration.ts';
import { beyondBudget } from './budget.ts';
import { quietUntil } from './quiet.ts';

/** What is known when somebody or something asks for a run. */
export type Facts = {
  /** Who stopped all retraining in the project. */
  readonly stopped: { readonly at: Date; readonly author: string; readonly reason: string } | null;
  readonly enabled: boolean;
  /** The policy's newest run. */
  readonly newest: { readonly id: string; readonly state: RunState; readonly createdAt: Date } | null;
  /** The policy's runs of the last 32 days. */
  readonly begun: readonly BegunRun[];
  readonly hasPredictions: boolean;
  /** The monitor's newest closed window. */
  readonly window: ClosedWindow | null;
  /** The last promotion of the model, when no window has been judged since it came into force. */
  readonly unjudged: { readonly run: string; readonly from: Date } | null;
};

/** Whether alerts of a kind start runs: those of drift are called `alert`, as they were when there was no other. */
export function startsOn({ on }: Pick<PolicyConfig, 'on'>, kind: 'alert' | 'performance'): boolean {
  return on === 'alert' || on === (kind === 'alert' ? 'drift' : 'performance');
}

/** What a person asked for by hand is held back by these alone: they protect what a person does not see. */
const BY_HAND: ReadonlySet<Blocked['code']> = new Set([
  'stopped',
  'run_in_flight',
  'no_predictions',
  'daily_limit',
  'monthly_limit',
  'budget',
]);

/** Every guard that holds a start back now, the one that lasts longest first; empty when it may start. Pure. */
export function weigh(
  facts: Facts,
  config: PolicyConfig,
  given: { readonly now: Date; readonly byHand: boolean },
): Blocked[] {
  const { now, byHand } = given;
  const found = [
    ...switches(facts),
    ...livingRun(facts),
    ...soundData(facts, config),
    ...judgedPromotion(facts, config),
    ...beyondBudget(facts.begun, config, now),
    ...limits(facts, config, now),
    ...cooldown(facts, config, now),
    ...quiet(config, now),
  ];
  return byHand ? found.filter(({ code }) => BY_HAND.has(code)) : found;
}

function switches({ stopped, enabled }: Facts): Blocked[] {
  const found: Blocked[] = [];
  if (stopped !== null) {
    const detail = `${stopped.author} stopped all retraining in this project: ${stopped.reason}`;
    found.push({ code: 'stopped', detail, lifts: 'Somebody lets retraining go on (PUT /v1/retraining)' });
  }
  if (!enabled) {
    found.push({ code: 'policy_off', detail: 'The policy is switched off', lifts: 'Somebody switches it on' });
  }
  return found;
}

function livingRun({ newest, hasPredictions }: Facts): Blocked[] {
  if (newest !== null && isLiving(newest.state)) {
    const detail = `A run of the policy is ${newest.state.replaceAll('_', ' ')}`;
    return [{ code: 'run_in_flight', detail, lifts: 'That run ends', run: newest.id }];
  }
  if (hasPredictions) return [];
  const detail = 'The model has no predictions yet, so there is nothing to learn from';
  return [{ code: 'no_predictions', detail, lifts: 'Predictions are logged' }];
}

const NAMED = 5;

/** A schema that broke is for people to look at: what learns from it learns the fault. */
function soundData({ window }: Facts, config: PolicyConfig): Blocked[] {
  if (!config.require_sound_data || window === null) return [];
  const when = `the window of ${window.start.toISOString()}`;
  const lifts = 'A newer window is judged and is sound';
  if (window.verdict === 'no_data' || window.verdict === 'error') {
    const what = window.verdict === 'no_data' ? 'has no data' : 'could not be judged';
    return [{ code: 'missing_data', detail: `${when} ${what}`, lifts }];
  }
  const broken = brokenColumns(window);
  if (broken.length === 0) return [];
  const names = broken.slice(0, NAMED).map(({ column, code }) => `"${column}" (${code})`);
  const more = broken.length > NAMED ? ` and ${broken.length - NAMED} more` : '';
  return [{ code: 'broken_schema', detail: `in ${when} the schema is broken: ${names.join(', ')}${more}`, lifts }];
}

function judgedPromotion({ unjudged }: Facts, config: PolicyConfig): Blocked[] {
  if (!config.require_judged_promotion || unjudged === null) return [];
  const detail = 'No window of the model that was promoted last has been judged yet';
  const lifts = `A window from ${unjudged.from.toISOString()} on is judged`;
  return [{ code: 'promotion_not_judged', detail, lifts, run: unjudged.run }];
}

function limits({ begun }: Facts, config: PolicyConfig, now: Date): Blocked[] {
  const limit = (most: number | null, unit: 'day' | 'month'): Blocked[] => {
    const { from, to } = periodOf(now.getTime(), unit, config.zone);
    const runs = begun.filter(({ at }) => at.getTime() >= from && at.getTime() < to).length;
    if (most === null || runs < most) return [];
    const until = new Date(to).toISOString();
    const detail = `${runs} of at most ${most} runs have begun this ${unit}`;
    const code = unit === 'day' ? 'daily_limit' : 'monthly_limit';
    return [{ code, detail, lifts: `The next ${unit} begins (${config.zone})`, until }];
  };
  return [...limit(config.maximum_per_month, 'month'), ...limit(config.maximum_per_day, 'day')];
}

function cooldown({ newest }: Facts, config: PolicyConfig, now: Date): Blocked[] {
  if (newest === null || isLiving(newest.state)) return [];
  const until = new Date(newest.createdAt.getTime() + config.cooldown_seconds * 1000);
  if (until <= now) return [];
  const began = newest.createdAt.toISOString().slice(0, 16).replace('T', ' ');
  const detail = `The last run began ${began} UTC and keeps others ${durationInWords(config.cooldown_seconds)} apart`;
  return [{ code: 'cooldown', detail, lifts: 'Time passes', until: until.toISOString(), run: newest.id }];
}

function quiet(config: PolicyConfig, now: Date): Blocked[] {
  const until = quietUntil(config.quiet_hours, config.zone, now.getTime());
  if (until === null) return [];
  const detail = `These are quiet hours (${config.zone})`;
  return [{ code: 'quiet_hours', detail, lifts: 'They end', until: new Date(until).toISOString() }];
}
