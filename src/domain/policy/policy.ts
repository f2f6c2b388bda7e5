import { type PolicyConfig, type PolicyRequest, policyConfig } from '../../../schemas/wire/policies.ts';
import { type ErrorIssue, TidemarkError } from '../../errors.ts';
import type { PolicyRow } from '../../store/retraining/policies.ts';
import { parseCron } from '../calendar/cron.ts';
import { isZone } from '../calendar/zone.ts';
import { durationInWords, parseDuration } from '../window/duration.ts';
import { shownAmount } from './budget.ts';

const DAY = 86_400;
const YEAR = 366 * DAY;
const MINIMUM_LABELLED_ROWS = 500;

/** What a request may say of a policy, its names aside. */
export type PolicyWish = Omit<PolicyRequest, 'name' | 'model' | 'monitor'>;

/**
 * The whole configuration that a request asks for, on top of one that there is. Pure.
 * @throws TidemarkError `invalid-body` with a pointer for each member that cannot be.
 */
export function configFrom(wish: PolicyWish, before: PolicyConfig = DEFAULTS): PolicyConfig {
  const issues: ErrorIssue[] = [];
  const seconds = (pointer: string, given: string | number, least: number): number => {
    const parsed = parseDuration(given);
    const problem = 'problem' in parsed ? parsed.problem : outOfRange(parsed.seconds, least);
    if (problem !== null) issues.push({ code: 'invalid-duration', pointer, detail: problem });
    return 'seconds' in parsed ? parsed.seconds : 0;
  };
  const { cooldown, deadline, span, approval, zone, schedule } = wish;
  if (zone !== undefined && !isZone(zone)) {
    issues.push({ code: 'unknown-zone', pointer: '/zone', detail: 'must be an IANA zone such as "Europe/Berlin"' });
  }
  const cron = typeof schedule === 'string' ? parseCron(schedule) : null;
  if (cron !== null && 'problem' in cron) {
    issues.push({ code: 'invalid-schedule', pointer: '/schedule', detail: cron.problem });
  }
  const config: PolicyConfig = {
    ...before,
    ...chosen(wish, before),
    ...(cooldown !== undefined && { cooldown_seconds: seconds('/cooldown', cooldown, 0) }),
    ...(deadline !== undefined && { deadline_seconds: seconds('/deadline', deadline, 60) }),
    ...(span !== undefined && { span_seconds: seconds('/span', span, 60) }),
    ...(approval !== undefined && {
      approval_seconds: approval === null ? null : seconds('/approval/within', approval.within, 60),
    }),
  };
  if (config.promote === 'if_better' && config.snapshot.hold_out === 0) {
    const detail = 'must be above 0 to promote "if_better": on rows that it has learned a model is always better';
    issues.push({ code: 'out-of-range', pointer: '/snapshot/hold_out', detail });
  }
  const [first] = issues;
  if (first === undefined) return config;
  throw new TidemarkError('invalid-body', `The body at ${first.pointer}: ${first.detail}.`, { issues });
}

const DEFAULTS: PolicyConfig = policyConfig.parse({
  on: 'alert',
  promote: 'manual',
  cooldown_seconds: DAY,
  minimum_labelled_rows: MINIMUM_LABELLED_ROWS,
  deadline_seconds: DAY,
  span_seconds: null,
});

/** The members that are kept as they are said. */
function chosen(wish: PolicyWish, before: PolicyConfig): Partial<PolicyConfig> {
  const { new_data, quiet_hours, snapshot, comparison, budget } = wish;
  return {
    ...said(pick(wish)),
    ...(snapshot !== undefined && { snapshot: { ...before.snapshot, ...said(snapshot) } }),
    ...(comparison !== undefined && { comparison: { ...before.comparison, ...said(comparison) } }),
    ...(new_data !== undefined && {
      new_data: new_data === null ? null : { dataset: new_data.dataset, tag: new_data.tag ?? null },
    }),
    ...(budget !== undefined && {
      budget: budget === null ? null : { ...budget, currency: budget.currency ?? null },
    }),
    ...(quiet_hours !== undefined && {
      quiet_hours: quiet_hours.map(({ days, from, to }) => ({ days: days ?? null, from, to })),
    }),
  };
}

/** Those whose names and values are the configuration's own. */
function pick(wish: PolicyWish) {
  const { on, promote, minimum_labelled_rows, zone, schedule, new_labelled_rows } = wish;
  const { maximum_per_day, maximum_per_month, require_sound_data, require_judged_promotion } = wish;
  const limits = { maximum_per_day, maximum_per_month, require_sound_data, require_judged_promotion };
  return { on, promote, minimum_labelled_rows, zone, schedule, new_labelled_rows, ...limits };
}

/** The members that are there. */
const said = (wish: object): object =>
  Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));

const outOfRange = (seconds: number, least: number): string | null =>
  seconds >= least && seconds <= YEAR
    ? null
    : `must lie between ${least} seconds and 366 days, not be ${seconds} seconds`;

/** The stored configuration. Only `configFrom` makes them, so one that does not parse is our fault. */
export const configOf = (policy: Pick<PolicyRow, 'config'>): PolicyConfig => policyConfig.parse(policy.config);

/** A policy's guards in one line, for people. */
export function describeGuards(config: PolicyConfig): string {
  const { maximum_per_day: daily, maximum_per_month: monthly } = config;
  return [
    `${config.minimum_labelled_rows} labelled rows`,
    ...(config.cooldown_seconds === 0 ? [] : [`${durationInWords(config.cooldown_seconds)} apart`]),
    `done in ${durationInWords(config.deadline_seconds)}`,
    ...(daily === null ? [] : [`at most ${daily} a day`]),
    ...(monthly === null ? [] : [`at most ${monthly} a month`]),
    ...(config.budget === null ? [] : [`at most ${shownAmount(config.budget.per_month, config.budget)} a month`]),
    ...config.quiet_hours.map(({ days, from, to }) => `not ${from}–${to}${days === null ? '' : ` ${days.join(' ')}`}`),
    ...(config.approval_seconds === null
      ? []
      : [`approved by somebody within ${durationInWords(config.approval_seconds)}`]),
  ].join(', ');
}
