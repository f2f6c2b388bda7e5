import { z } from 'zod';
import { type Cause, causeShape, type PolicyConfig } from '../../../schemas/wire/policies.ts';
import type { Context } from '../../context.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type PolicyRow, updatePolicy } from '../../store/retraining/policies.ts';
import { findNewestBatch } from '../../store/retraining/retraining.ts';
import {
  type CauseRow,
  countNewlyLabelled,
  type DataVersion,
  endWaitingCauses,
  findTagged,
  listVersionsAfter,
  putCause,
} from '../../store/retraining/run-causes.ts';
import { lastOccurrence, parseCron } from '../calendar/cron.ts';

/** How far a policy has looked for causes. */
const policyCursor = z.object({
  /** Times of the schedule up to here have been causes. */
  schedule: z.iso.datetime(),
  /** The newest version of the dataset that has been seen; 0: none. */
  version: z.int(),
  /** Where the tag was seen last; empty: nowhere. */
  tag: z.string(),
  /** Labels up to this batch were there when the last run began. */
  labels: z.int(),
});

export type Cursor = z.infer<typeof policyCursor>;

type Finding = Pick<Context, 'now' | 'newId'>;

export type NewCause = {
  readonly policy: Pick<PolicyRow, 'id' | 'projectId'>;
  readonly key: string;
  readonly cause: Cause;
  readonly episodeId?: string | null;
};

/** Keeps a cause that waits to be weighed; one that came before stays as it is. */
export async function keepCause(tx: Db, ctx: Finding, given: NewCause): Promise<CauseRow> {
  const { policy, key, cause, episodeId } = given;
  const now = ctx.now();
  return putCause(tx, {
    id: ctx.newId('cau'),
    projectId: policy.projectId,
    policyId: policy.id,
    kind: cause.kind,
    key,
    cause,
    episodeId: episodeId ?? null,
    state: 'waiting',
    blocked: [],
    createdAt: now,
    decidedAt: now,
  });
}

/** The present of everything that a policy may wait for: what was before is no cause. */
export async function presentCursor(
  tx: Db,
  policy: Pick<PolicyRow, 'projectId' | 'modelId'>,
  { config, now }: { config: PolicyConfig; now: Date },
): Promise<Cursor> {
  const { projectId } = policy;
  const data = config.new_data;
  const [newest] =
    data === null ? [] : await listVersionsAfter(tx, { projectId, dataset: data.dataset, after: 0, limit: 1 });
  const tagged = data?.tag == null ? null : await findTagged(tx, { projectId, dataset: data.dataset, tag: data.tag });
  return {
    schedule: now.toISOString(),
    version: newest?.id ?? 0,
    tag: placeOf(tagged),
    labels: await findNewestBatch(tx, policy.modelId),
  };
}

/**
 * Looks for what has come since a policy last looked: a time of its schedule, a version, a tag that moved, labels. What
 * it finds waits to be weighed, and takes the place of an older one of its kind. The caller holds the policy's lock.
 */
export async function findCauses(tx: Db, ctx: Finding, policy: PolicyRow, config: PolicyConfig): Promise<void> {
  const now = ctx.now();
  const before = cursorOf(policy) ?? (await presentCursor(tx, policy, { config, now }));
  const look = { tx, ctx, policy, config, before, now };
  const after: Cursor = {
    schedule: await findTime(look),
    ...(await findData(look)),
    labels: await findLabels(look),
  };
  await updatePolicy(tx, policy.id, { cursor: after });
}

type Look = {
  readonly tx: Db;
  readonly ctx: Finding;
  readonly policy: PolicyRow;
  readonly config: PolicyConfig;
  readonly before: Cursor;
  readonly now: Date;
};

/** Times that passed while nobody looked are one cause: the last of them. */
async function findTime(look: Look): Promise<string> {
  const { config, before, now } = look;
  const cron = config.schedule === null ? null : parseCron(config.schedule);
  if (cron === null || 'problem' in cron) return now.toISOString();
  const span = { after: Date.parse(before.schedule), through: now.getTime() };
  const found = lastOccurrence(cron, config.zone, span);
  if (found !== null) {
    const at = new Date(found).toISOString();
    await replace(look, { key: `schedule:${at}`, cause: { kind: 'schedule', at } });
  }
  return new Date(Math.max(span.after, span.through)).toISOString();
}

async function findData(look: Look): Promise<Pick<Cursor, 'version' | 'tag'>> {
  const { tx, policy, config, before } = look;
  const { projectId } = policy;
  if (config.new_data === null) return { version: before.version, tag: before.tag };
  const { dataset, tag } = config.new_data;
  const about = ({ number, oid, at }: DataVersion) => ({
    at: at.toISOString(),
    version: { dataset, version: number, oid },
  });
  if (tag === null) {
    const [newest] = await listVersionsAfter(tx, { projectId, dataset, after: before.version, limit: 1 });
    if (newest === undefined) return before;
    await replace(look, { key: `version:${newest.id}`, cause: { kind: 'new_version', ...about(newest) } });
    return { version: newest.id, tag: before.tag };
  }
  const tagged = await findTagged(tx, { projectId, dataset, tag });
  const place = placeOf(tagged);
  // A tag that was removed, or put where it was, has not moved.
  if (tagged === null || versionOf(place) === versionOf(before.tag)) return before;
  await replace(look, { key: `tag:${place}`, cause: { kind: 'tag_moved', tag, ...about(tagged) } });
  return { version: before.version, tag: place };
}

/** A tag may come back to a version: then it has moved again. */
const placeOf = (tagged: DataVersion | null): string =>
  tagged === null ? '' : `${tagged.id}@${tagged.at.toISOString()}`;

const versionOf = (place: string): string => place.split('@')[0] ?? '';

async function findLabels(look: Look): Promise<number> {
  const { tx, policy, config, before, now } = look;
  const wanted = config.new_labelled_rows;
  if (wanted === null) return before.labels;
  const found = await countNewlyLabelled(tx, policy.modelId, { afterBatch: before.labels, most: wanted });
  if (found >= wanted) {
    const cause = { kind: 'new_labels', at: now.toISOString(), labelled_rows: wanted } as const;
    await replace(look, { key: `labels:${before.labels}`, cause });
  }
  return before.labels;
}

async function replace(look: Look, found: { key: string; cause: Cause }): Promise<void> {
  const { tx, ctx, policy, now } = look;
  await keepCause(tx, ctx, { policy, ...found });
  await endWaitingCauses(tx, policy.id, {
    kind: found.cause.kind,
    butKey: found.key,
    state: 'superseded',
    runId: null,
    at: now,
  });
}

/** What a policy has seen of labels when a run begins: later ones are new. */
export async function seeLabels(tx: Db, policy: PolicyRow, throughBatch: number): Promise<void> {
  const cursor = cursorOf(policy);
  if (cursor !== null) await updatePolicy(tx, policy.id, { cursor: { ...cursor, labels: throughBatch } });
}

/** How far a policy has looked; null for one from before policies looked, which begins when it first does. */
export function cursorOf(policy: Pick<PolicyRow, 'cursor'>): Cursor | null {
  return policyCursor.safeParse(policy.cursor).data ?? null;
}

/** The cause as it was kept; nothing but `keepCause` writes it. */
export const causeOf = (row: Pick<CauseRow, 'cause'>): Cause => causeShape.parse(row.cause);
