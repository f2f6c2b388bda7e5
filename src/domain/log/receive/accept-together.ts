import { findUsedKeys } from '../../../store/access/access.ts';
import type { ModelRow } from '../../../store/monitor/models.ts';
import { type Db, isUniqueViolation, transact } from '../../../store/postgres/db.ts';
import { Gathering } from '../../gathering.ts';
import { resolveLoggedModel } from '../../model/resolve.ts';
import { bindStored } from '../../object/bind-stored.ts';
import { prepareSharedInThread } from '../prepare/prepare-in-thread.ts';
import type { PrepareOptions } from '../prepare/prepare-records.ts';
import { type PreparedShared, prepareShared } from '../prepare/prepare-shared.ts';
import { type AcceptContext, acceptBody, preparing } from './accept-body.ts';
import type { BatchRequest } from './batch-request.ts';
import { type IdempotencyKey, idempotencyKey } from './idempotency.ts';
import { recordLines } from './join-bodies.ts';
import type { ReceivedBody } from './receive-body.ts';
import { type AcceptedBatch, answersOf, recordShared, remembered, type Share } from './record-batch.ts';
import { recordFresh } from './record-fresh.ts';

/** A small body that has arrived. */
type Small = {
  readonly projectId: number;
  readonly request: Omit<BatchRequest, 'source'>;
  readonly body: ReceivedBody;
};

type Asking = Small & { readonly ctx: AcceptContext };

/** Bodies up to this size may share a batch. */
const SMALL_BYTES = 8 * 1024;
/** How many of them at most: with their bytes, what is parsed at once on the thread that serves everyone. */
const MOST_TOGETHER = 400;
/** So many do not wait for a batch that is being made durable: while the disk and the database have it, the processor is free. */
const BESIDE = 48;
/** Cells (rows times columns) that are held at once: nine bytes each. */
const MAX_CELLS = 2 ** 22;

/** True for a request that is small, and whose rows are JSON records. */
export function mayShareBatch({ encoding, announced }: Pick<BatchRequest, 'encoding' | 'announced'>): boolean {
  return (encoding === 'ndjson' || encoding === 'json') && announced !== null && announced <= SMALL_BYTES;
}

/** By connection pool. */
const gatherings = new WeakMap<Db, Gathering<Asking, AcceptedBatch>>();

/**
 * Takes a small body. Those of one model that arrive while a batch is being made durable become the next batch
 * together: one object and one transaction for all of them. Each is answered after that, for its own rows; one that
 * holds a bad row, or has been answered before, goes its own way.
 * @throws TidemarkError as `acceptBatch`.
 */
export function acceptTogether(ctx: AcceptContext, small: Small): Promise<AcceptedBatch> {
  const gathering = gatherings.get(ctx.db) ?? new Gathering(acceptAll, MOST_TOGETHER, BESIDE);
  gatherings.set(ctx.db, gathering);
  const { kind, model, epochUnit } = small.request;
  return gathering.add(JSON.stringify([small.projectId, kind, model, epochUnit]), { ...small, ctx });
}

/** All of one model, kind and unit. */
async function acceptAll(asking: readonly Asking[]): Promise<(AcceptedBatch | Promise<AcceptedBatch>)[]> {
  const [first] = asking;
  if (first === undefined) return [];
  const { ctx, projectId, request } = first;
  const model = await resolveLoggedModel(ctx.db, projectId, request.model);
  const answers = new Map<Asking, AcceptedBatch>();
  // A batch of one is made like any other.
  const sharing = asking.length === 1 ? [] : await unanswered(ctx.db, asking);
  if (sharing.length > 1) {
    const options = await preparing(ctx, model, { ...request, encoding: 'ndjson', partial: false });
    const prepared = await prepareTogether(sharing, { ...options, maxCells: MAX_CELLS });
    const shared = prepared === null ? [] : await keepShared(ctx, model, prepared);
    prepared?.members.forEach(({ asking: member }, i) => {
      const answer = shared[i];
      if (answer !== undefined) answers.set(member, answer);
    });
  }
  return asking.map((one) => answers.get(one) ?? acceptBody(ctx, { model, request: one.request, body: one.body }));
}

type Member = { readonly asking: Asking; readonly key: IdempotencyKey | null; readonly lines: Buffer };

/** Those that no earlier request answers, nor one among them with the same key, as lines of NDJSON. */
async function unanswered(db: Db, asking: readonly Asking[]): Promise<Member[]> {
  const names = new Set<string>();
  const members: Member[] = [];
  for (const one of asking) {
    const lines = linesOf(one);
    const key = idempotencyKey(one.request, one.body.sha256);
    if (lines === null || (key !== null && names.has(key.name))) continue;
    if (key !== null) names.add(key.name);
    members.push({ asking: one, key, lines });
  }
  const [first] = asking;
  if (names.size === 0 || first === undefined) return members;
  // A key that was used is answered, or refused, where requests go alone.
  const used = await findUsedKeys(db, first.projectId, [...names]);
  return members.filter(({ key }) => key === null || !used.has(key.name));
}

function linesOf({ request, body }: Small): Buffer | null {
  if (!('bytes' in body.content) || body.size > SMALL_BYTES) return null;
  const { buffer, byteOffset } = body.content.bytes;
  return recordLines(Buffer.from(buffer, byteOffset, body.size), request.encoding);
}

type Shared = {
  readonly members: readonly (Member & Share)[];
  readonly kind: PrepareOptions['kind'];
  readonly part: PreparedShared['part'];
  readonly arrow: Uint8Array;
};

/** Fewer bytes are prepared at once: the way to another thread and back would take as long. */
const LEAST_THREAD_BYTES = 4096;

/** Without those that hold a bad row; null where each has to go alone. */
async function prepareTogether(members: readonly Member[], options: PrepareOptions): Promise<Shared | null> {
  const bodies = members.map(({ lines }) => lines);
  const bytes = bodies.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const prepared =
    bytes < LEAST_THREAD_BYTES ? prepareShared(bodies, options) : await prepareSharedInThread(bodies, options);
  if (prepared === null) return null;
  const { shares, part, arrow } = prepared;
  const sharing = shares.flatMap(({ body, ...share }) => {
    const member = members[body];
    return member === undefined ? [] : [{ ...member, ...share }];
  });
  return { members: sharing, kind: options.kind, part, arrow };
}

/** @returns the answers by member; none where a key was used in the meantime, and each has to go alone. */
async function keepShared(ctx: AcceptContext, model: ModelRow, shared: Shared): Promise<AcceptedBatch[]> {
  const { members: shares, kind, arrow } = shared;
  const stored = await ctx.remote.putWhole(arrow);
  const part = { ...shared.part, stored };
  const settleSeconds = ctx.config.limits.settleDelayMilliseconds / 1000;
  const recording = { model, kind, part, at: ctx.now(), settleSeconds };
  const unnamed = answersOf(null, { kind, part, shares });
  const remember = shares.flatMap(({ key }, i) => {
    const answer = unnamed[i];
    return key === null || answer === undefined ? [] : [remembered(model, key, answer)];
  });
  const record = async (): Promise<AcceptedBatch[]> => {
    const id = await recordFresh(ctx, { ...recording, answers: remember });
    if (id !== null) return answersOf(id, { kind, part, shares });
    return await transact(ctx.db, (tx) => recordShared(tx, { ...recording, ctx, shares }));
  };
  try {
    return await bindStored(ctx, { projectId: model.projectId, stored: [stored] }, record);
  } catch (error) {
    if (isUniqueViolation(error, 'idempotency_keys_project_id_key_pk')) return [];
    throw error;
  }
}
