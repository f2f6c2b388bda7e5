import type { z } from 'zod';
import { type PolicyConfig, policyConfig, type policyRequest } from '../../../schemas/wire/retraining.ts';
import { type ErrorIssue, TidemarkError } from '../../errors.ts';
import type { PolicyRow, RunRow } from '../../store/retraining.ts';
import { parseDuration } from '../monitor/duration.ts';
import { isLiving } from './run.ts';

const DAY = 86_400;
const YEAR = 366 * DAY;
const MINIMUM_LABELLED_ROWS = 500;

/**
 * The whole configuration that a request asks for. Pure.
 * @throws TidemarkError `invalid-body` with a pointer for each duration that cannot be.
 */
export function configFrom(request: Omit<z.infer<typeof policyRequest>, 'name' | 'model' | 'monitor'>): PolicyConfig {
  const issues: ErrorIssue[] = [];
  const seconds = (field: 'cooldown' | 'deadline' | 'span', least: number): number | null => {
    const given = request[field];
    if (given === undefined) return null;
    const parsed = parseDuration(given);
    const problem = 'problem' in parsed ? parsed.problem : outOfRange(parsed.seconds, least);
    if (problem !== null) issues.push({ code: 'invalid-duration', pointer: `/${field}`, detail: problem });
    return 'seconds' in parsed ? parsed.seconds : null;
  };
  const config: PolicyConfig = {
    on: request.on ?? 'alert',
    promote: request.promote ?? 'manual',
    cooldown_seconds: seconds('cooldown', 0) ?? DAY,
    minimum_labelled_rows: request.minimum_labelled_rows ?? MINIMUM_LABELLED_ROWS,
    deadline_seconds: seconds('deadline', 60) ?? DAY,
    span_seconds: seconds('span', 60),
  };
  const [first] = issues;
  if (first === undefined) return config;
  throw new TidemarkError('invalid-body', `The body at ${first.pointer}: ${first.detail}.`, { issues });
}

const outOfRange = (seconds: number, least: number): string | null =>
  seconds >= least && seconds <= YEAR
    ? null
    : `must lie between ${least} seconds and 366 days, not be ${seconds} seconds`;

/** The stored configuration. Only `configFrom` makes them, so one that does not parse is our fault. */
export const configOf = (policy: Pick<PolicyRow, 'config'>): PolicyConfig => policyConfig.parse(policy.config);

/** What holds a start back. */
export type Blocked = { readonly code: 'run_in_flight' | 'cooldown'; readonly run: string; readonly until?: string };

/** Whether a policy may start a run after its newest one; null when it may. Pure. */
export function heldBack(
  newest: Pick<RunRow, 'id' | 'state' | 'createdAt'> | null,
  config: PolicyConfig,
  now: Date,
): Blocked | null {
  if (newest === null) return null;
  if (isLiving(newest.state)) return { code: 'run_in_flight', run: newest.id };
  const until = new Date(newest.createdAt.getTime() + config.cooldown_seconds * 1000);
  return until > now ? { code: 'cooldown', run: newest.id, until: until.toISOString() } : null;
}
