import { z } from 'zod';
import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { parseTree, type TreeEntry } from '../../dvc/tree.ts';
import { isTidemarkError } from '../../errors.ts';
import { findVersionById, nameVersion, type VersionRow } from '../../store/dataset/datasets.ts';
import { listUses } from '../../store/dataset/version-health.ts';
import { findOwners } from '../../store/inventory/object-owners.ts';
import { findObject, type HeldFile } from '../../store/inventory/objects.ts';
import { verified } from '../../store/objects/object-verify.ts';
import {
  eachStatedObject,
  listManifests,
  listRemembered,
  listStandingVersions,
} from '../../store/storage/consistency.ts';
import type { Finding } from '../../store/storage/storage-runs.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { contentRoot } from '../object/content-root.ts';
import { eachFile, isFolder } from '../object/version-files.ts';
import { mergeByOid, type Pair } from './merge-by-oid.ts';
import { beginRun, type StartedRun } from './run.ts';
import type { Advancing, Step } from './step.ts';

const cursorShape = z.object({ phase: z.enum(['objects', 'manifests', 'versions']), after: z.string() }).nullable();

/** A step compares so many names at most, and takes no longer than that where the remote is slow. */
const NAMES = 5000;
const STEP_MILLISECONDS = 1000;

const PAGE = 50;
const ENTRIES = 20_000;

/** Begins to compare what the database says with what lies in the remote. Nothing is changed by it. */
export async function startCheck(ctx: Pick<Context, 'db' | 'newId'>, actor: Actor): Promise<StartedRun> {
  requireScope(actor, 'data:read');
  const { projectId, author } = actor;
  return beginRun(ctx, { projectId, author, kind: 'check', request: {} });
}

/**
 * Objects against the remote's own listing; what is remembered of manifests against their bytes; what versions say of
 * themselves against their files. Nothing that was derived is taken as given.
 */
export async function* check(ctx: Context, run: Advancing): AsyncGenerator<Step> {
  const cursor = cursorShape.parse(run.cursor) ?? { phase: 'objects', after: '' };
  if (cursor.phase === 'objects') yield* checkObjects(ctx, run.projectId, nameOf(cursor.after));
  if (cursor.phase !== 'versions') {
    yield* checkManifests(ctx, run.projectId, cursor.phase === 'manifests' ? cursor.after : '');
  }
  yield* checkVersions(ctx, run.projectId, cursor.phase === 'versions' ? Number(cursor.after) : 0);
}

/** Of a run that an earlier release began, the first two digits of the names that were done: the last name that may begin so. */
const nameOf = (after: string): string => (after.length === 2 ? after.padEnd(32, 'f') : after);

/** One walk along both sides, a step written every so many names: where it was killed it goes on behind the last one. */
async function* checkObjects(ctx: Context, projectId: number, after: string): AsyncGenerator<Step> {
  const pairs = mergeByOid(eachStatedObject(ctx.db, projectId, after), ctx.remote.list('', { after }));
  let part = beginPart(ctx);
  for await (const pair of pairs) {
    const { stated, listed } = pair;
    if (stated !== null) part.objects++;
    if (stated !== null) part.findings.push(...(await compare(ctx, projectId, pair)));
    else if (listed !== null) part.strangers.push(listed.oid);
    if (++part.names < NAMES && ctx.now().getTime() < part.until) continue;
    yield await stepOf(ctx, part, { phase: 'objects', after: (stated ?? listed)?.oid ?? after });
    part = beginPart(ctx);
  }
  yield await stepOf(ctx, part, { phase: 'manifests', after: '' });
}

type Part = {
  readonly findings: Finding[];
  readonly strangers: Oid[];
  readonly until: number;
  names: number;
  objects: number;
};

const beginPart = (ctx: Pick<Context, 'now'>): Part => ({
  ...{ findings: [], strangers: [], names: 0, objects: 0 },
  until: ctx.now().getTime() + STEP_MILLISECONDS,
});

async function stepOf(ctx: Context, part: Part, cursor: z.infer<typeof cursorShape>): Promise<Step> {
  const findings = [...part.findings, ...(await orphansAmong(ctx, part.strangers))];
  return { cursor, counted: { objects: part.objects, ...countsOf(findings) }, findings };
}

async function compare(ctx: Context, projectId: number, { stated, listed }: Pair): Promise<Finding[]> {
  if (stated === null) return [];
  if (listed?.size === stated.size) return stated.quarantined ? quarantinedOf(ctx, projectId, stated.oid) : [];
  const { oid, size, trashed } = stated;
  // The two sides were read at different moments: what came or went in between is no fault.
  const lies = await ctx.remote.stat(oid);
  if (lies?.size === size) return [];
  const owners = (await findOwners(ctx.db, [oid])).get(oid) ?? [];
  const own = owners.find((owner) => owner.projectId === projectId);
  if (own === undefined || (own.state !== 'held' && own.state !== 'trashed')) return [];
  if (lies !== null) {
    return [{ code: 'wrong-size', oid, detail: `${lies.size} bytes lie in the remote, ${size} were accepted` }];
  }
  return [{ code: 'dangling', oid, detail: `the database has it${trashed ? ' in the trash' : ''}, the remote not` }];
}

/** What was found wrong by its bytes, which are not read here: a comparison that left it out would call it sound. */
async function quarantinedOf(ctx: Context, projectId: number, oid: Oid): Promise<Finding[]> {
  const { uses = [], total = 0 } = (await listUses(ctx.db, projectId, { oids: [oid], each: 1 })).get(oid) ?? {};
  const [first] = uses;
  const where = first === undefined ? '' : `, first ${first.dataset}@v${first.number} (${first.path})`;
  const detail = `its bytes were found corrupt or lost; push them again, or have what was brought back read by "remote scrub". Versions that have it: ${total}${where}`;
  return [{ code: 'quarantined', oid, detail }];
}

/** Those that no project has anything to do with. */
async function orphansAmong(ctx: Pick<Context, 'db'>, oids: readonly Oid[]): Promise<Finding[]> {
  if (oids.length === 0) return [];
  const owners = await findOwners(ctx.db, oids);
  return oids
    .filter((oid) => (owners.get(oid) ?? []).every(({ state }) => state === 'removed'))
    .map((oid) => ({ code: 'orphaned', oid, detail: 'it lies in the remote and nobody has it; a scan would take it' }));
}

async function* checkManifests(ctx: Context, projectId: number, from: Oid): AsyncGenerator<Step> {
  for (let after = from; ; ) {
    const page = await listManifests(ctx.db, projectId, { after, limit: PAGE });
    if (page.length === 0) return;
    const findings: Finding[] = [];
    for (const manifest of page) {
      const found = await checkManifest(ctx, projectId, manifest);
      // A collection may have taken it since it was listed.
      if (found.length > 0 && (await findObject(ctx.db, projectId, manifest.oid)) !== null) findings.push(...found);
    }
    after = page.at(-1)?.oid ?? after;
    const counted = { manifests: page.length, ...countsOf(findings) };
    yield { cursor: { phase: 'manifests', after }, counted, findings };
  }
}

type Manifest = Awaited<ReturnType<typeof listManifests>>[number];

async function checkManifest(ctx: Context, projectId: number, manifest: Manifest): Promise<Finding[]> {
  const { oid } = manifest;
  const entries = await entriesOf(ctx, manifest);
  // Lost and corrupt bytes are told by the comparison with the listing and by the scrub.
  if (entries === null) return [];
  const lost = new Set<string>();
  let position = 0;
  let wrong = false;
  for (let after = -1; ; ) {
    const rows = await listRemembered(ctx.db, { projectId, oid }, { after, limit: ENTRIES });
    for (const row of rows) {
      const entry = entries[position++];
      wrong ||= entry?.md5 !== row.md5 || entry.relpath !== row.path;
      if (!row.held) lost.add(row.md5);
    }
    if (rows.length < ENTRIES) break;
    after = rows.at(-1)?.position ?? after;
  }
  wrong ||= position !== entries.length;
  const [first] = lost;
  return [
    ...(wrong ? [{ code: 'wrong-entries', oid, detail: 'what is remembered of it is not what its bytes say' }] : []),
    ...(first === undefined
      ? []
      : [{ code: 'missing-members', oid, detail: `${lost.size} of its files are not held, first ${first}` }]),
  ];
}

async function entriesOf(ctx: Pick<Context, 'remote'>, manifest: Manifest): Promise<TreeEntry[] | null> {
  try {
    const parts: Uint8Array[] = [];
    for await (const chunk of verified(await ctx.remote.read(manifest.oid), manifest)) parts.push(chunk);
    return parseTree(Buffer.concat(parts));
  } catch (error) {
    if (isTidemarkError(error, 'not-found') || isTidemarkError(error, 'object-corrupt')) return null;
    if (isTidemarkError(error, 'invalid-manifest')) return [];
    throw error;
  }
}

async function* checkVersions(ctx: Context, projectId: number, from: number): AsyncGenerator<Step> {
  for (let after = from; ; ) {
    const page = await listStandingVersions(ctx.db, projectId, { after, limit: PAGE });
    if (page.length === 0) return;
    const findings: Finding[] = [];
    for (const version of page) {
      const found = await checkVersion(ctx, version);
      if (found.length > 0 && (await stands(ctx, version))) findings.push(...found);
    }
    after = page.at(-1)?.id ?? after;
    const counted = { versions: page.length, ...countsOf(findings) };
    yield { cursor: { phase: 'versions', after: String(after) }, counted, findings };
  }
}

/** Whether a version has not been given up for good since it was listed: its object goes in the same transaction. */
async function stands(ctx: Pick<Context, 'db'>, { id }: VersionRow): Promise<boolean> {
  const now = await findVersionById(ctx.db, id);
  return now !== null && now.purgedAt === null;
}

async function checkVersion(ctx: Pick<Context, 'db'>, version: VersionRow): Promise<Finding[]> {
  const { oid } = version;
  const named = await nameVersion(ctx.db, version.id);
  const name = `${named?.dataset ?? '?'}@v${version.number}`;
  if ((await findObject(ctx.db, version.projectId, oid)) === null) {
    return [{ code: 'dangling-version', oid, detail: `${name} is a version of an object that is not held` }];
  }
  const files: Pick<HeldFile, 'path' | 'sha256' | 'size'>[] = [];
  for await (const { path, sha256, size } of eachFile(ctx.db, version)) files.push({ path, sha256, size });
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  // A folder with lost members is told with its manifest.
  if (isFolder(version) && files.length !== version.files) {
    return [{ code: 'wrong-totals', oid, detail: `${name} says ${version.files} files, ${files.length} are held` }];
  }
  if (bytes !== version.bytes) {
    return [{ code: 'wrong-totals', oid, detail: `${name} says ${version.bytes} bytes, its files have ${bytes}` }];
  }
  if (contentRoot(files) === version.sha256Root) return [];
  return [{ code: 'wrong-root', oid, detail: `the SHA-256 root of ${name} is not that of its files` }];
}

function countsOf(findings: readonly Finding[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of findings) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
