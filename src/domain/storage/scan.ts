import { z } from 'zod';
import type { Context } from '../../context.ts';
import { isDirectoryOid, type Oid } from '../../dvc/hash.ts';
import type { Layout } from '../../dvc/path.ts';
import { parseTree } from '../../dvc/tree.ts';
import { isTidemarkError } from '../../errors.ts';
import { findOwners } from '../../store/inventory/object-owners.ts';
import { createSlots } from '../../store/objects/object-slots.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { ListedObject } from '../../store/remotes/remote.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { bindObjects } from '../object/bind-object.ts';
import { type Adoption, adopt } from './adopt.ts';
import { beginRun, type StartedRun } from './run.ts';
import { type Advancing, addProgress, type Progress, type Step } from './step.ts';

/** Objects of a step; a killed worker reads so many again at most. */
const STEP_OBJECTS = 200;
const STEP_BYTES = 256 * 1024 ** 2;
/** A pass that finds nothing of its own for so many names notes how far it is. */
const STEP_NAMES = 20_000;

/** Small objects wait for the store far longer than they take to read. */
const READS_AT_ONCE = 8;

/** Files before manifests, whose members have to be held; what DVC 3 wrote before what DVC 2 did. */
const PASSES: readonly { readonly layout: Layout; readonly manifests: boolean }[] = [
  { layout: 'files-md5', manifests: false },
  { layout: 'legacy', manifests: false },
  { layout: 'files-md5', manifests: true },
  { layout: 'legacy', manifests: true },
];

const requestShape = z.object({ oid: z.string().nullable() });
const cursorShape = z.object({ pass: z.int(), after: z.string() }).nullable();

/**
 * Begins to search the remote for objects that others wrote there, as `dvc push` does, and to take those that nobody
 * has. With an oid only that one, a manifest with its members.
 */
export async function startScan(
  ctx: Pick<Context, 'db' | 'newId'>,
  actor: Actor,
  given: { oid: Oid | null },
): Promise<StartedRun> {
  // Whoever may do it takes what lies there, whoever put it there.
  requireScope(actor, 'admin');
  const { projectId, author } = actor;
  return beginRun(ctx, { projectId, author, kind: 'scan', request: { oid: given.oid } });
}

/** Goes over the remote in passes, in the order of the names. */
export async function* scan(ctx: Context, run: Advancing): AsyncGenerator<Step> {
  const { oid } = requestShape.parse(run.request);
  const cursor = cursorShape.parse(run.cursor) ?? { pass: 0, after: '' };
  for (let pass = cursor.pass; pass < PASSES.length; pass++) {
    const after = pass === cursor.pass ? cursor.after : '';
    yield* scanPass(ctx, run, { pass, after, only: oid });
  }
}

type Pass = { readonly pass: number; readonly after: Oid; readonly only: Oid | null };

async function* scanPass(ctx: Context, run: Advancing, { pass, after, only }: Pass): AsyncGenerator<Step> {
  const { layout, manifests } = PASSES[pass] ?? { layout: 'files-md5', manifests: false };
  const all = only === null ? ctx.remote.list('', { after, layout }) : listNamed(ctx, { only, after, layout });
  let part: ListedObject[] = [];
  let bytes = 0;
  let names = 0;
  let last = after;
  const flush = async (): Promise<Step> => {
    const step = await adoptPart(ctx, run, { part, layout, cursor: { pass, after: last } });
    part = [];
    bytes = 0;
    names = 0;
    return step;
  };
  for await (const listed of all) {
    last = listed.oid;
    names++;
    if (isDirectoryOid(listed.oid) === manifests) {
      part.push(listed);
      bytes += listed.size;
    }
    if (part.length >= STEP_OBJECTS || bytes >= STEP_BYTES || names >= STEP_NAMES) yield await flush();
  }
  // The pass is over, so that the next slice begins with the next one.
  const end = await flush();
  yield { ...end, cursor: { pass: pass + 1, after: '' } };
}

type Part = {
  readonly part: readonly ListedObject[];
  readonly layout: Layout;
  readonly cursor: { readonly pass: number; readonly after: Oid };
};

async function adoptPart(ctx: Context, run: Advancing, { part, layout, cursor }: Part): Promise<Step> {
  const owners = await findOwners(
    ctx.db,
    part.map(({ oid }) => oid),
  );
  const slots = createSlots(READS_AT_ONCE);
  const adoptions = await Promise.all(
    part.map((listed) =>
      slots(() => adopt(ctx, run.projectId, { listed, layout, owners: owners.get(listed.oid) ?? [] })),
    ),
  );
  const stored = adoptions.flatMap((adoption) => adoption.stored ?? []);
  const apply = async (tx: Db): Promise<void> => {
    // Together they cost the database a fraction of what they would cost one by one.
    if (stored.length > 0) await bindObjects(tx, ctx, run.projectId, stored);
    for (const adoption of adoptions) await adoption.apply?.(tx);
  };
  return {
    cursor,
    counted: adoptions.map(countOf).reduce(addProgress, { seen: part.length }),
    findings: adoptions.flatMap(({ finding }) => (finding === undefined ? [] : [finding])),
    apply,
  };
}

const countOf = ({ outcome, read }: Adoption): Progress => ({ [outcome]: 1, bytes: read });

/** One object, a manifest behind its members, as a listing of the remote would show them. */
async function* listNamed(
  ctx: Pick<Context, 'remote'>,
  { only, after, layout }: { only: Oid; after: Oid; layout: Layout },
): AsyncGenerator<ListedObject> {
  const members = isDirectoryOid(only) ? await membersOf(ctx, only, layout) : [];
  for (const oid of [...new Set([...members, only])].sort()) {
    if (oid <= after) continue;
    for await (const listed of ctx.remote.list(oid, { layout })) if (listed.oid === oid) yield listed;
  }
}

/** The members that a manifest in the remote names; none where it cannot be read, which its own turn will tell. */
async function membersOf(ctx: Pick<Context, 'remote'>, manifest: Oid, layout: Layout): Promise<Oid[]> {
  try {
    const parts: Uint8Array[] = [];
    const source = layout === 'legacy' ? await ctx.remote.readLegacy(manifest) : await ctx.remote.read(manifest);
    for await (const chunk of source) parts.push(chunk);
    return parseTree(Buffer.concat(parts)).map(({ md5 }) => md5);
  } catch (error) {
    if (isTidemarkError(error, 'not-found') || isTidemarkError(error, 'invalid-manifest')) return [];
    throw error;
  }
}
