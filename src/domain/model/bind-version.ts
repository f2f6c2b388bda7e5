import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import {
  type BoundVersionRow,
  findVersionColumns,
  insertModelVersion,
  listModelVersions,
  lockModel,
  type ModelRow,
  setCurrentVersion,
} from '../../store/monitor/models.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { keepFound, resolveVersion } from '../dataset/resolve.ts';
import { resolveModel } from './resolve.ts';
import { completeRoles, type GivenRoles, pendingRoles, ROLE_NAMES, type RoleName, type StoredRoles } from './roles.ts';
import { storedRoles, type VersionRoles, versionRoles } from './version-roles.ts';

export type BindRequest = {
  readonly model: string;
  readonly name?: string | undefined;
  readonly dataset: string;
  readonly ref: string;
  readonly roles?: GivenRoles | undefined;
  readonly metrics?: Readonly<Record<string, number>> | undefined;
};

export type BoundVersion = VersionRoles & {
  readonly model: ModelRow;
  readonly version: BoundVersionRow;
  readonly current: boolean;
};

/**
 * Binds a model version for ever to the dataset version it was trained on. The first one becomes current.
 * Repeating it (the same name and content, or without a name the same content) answers with the one that exists.
 * @throws TidemarkError `not-found`, `conflict` when the name stands for other content, `invalid-body` when a
 * role names a column that the data does not have.
 */
export async function bindVersion(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: BindRequest,
): Promise<BoundVersion & { created: boolean }> {
  requireScope(actor, 'data:write');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  const trained = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  const { state, columns } = await findVersionColumns(ctx.db, trained.id);
  const roles = state === 'ready' ? completeRoles(given.roles ?? {}, columns) : pendingRoles(given.roles ?? {});
  if (roles.missing.length > 0) throw missingColumns(roles, columns);
  const created = await transact(ctx.db, async (tx) => {
    const locked = await lockModel(tx, model.id);
    const existing = await listModelVersions(tx, model.id);
    const content = { datasetVersionId: trained.id, roles, metrics: given.metrics ?? {} };
    const same = existing.find((version) =>
      given.name === undefined ? sameContent(version, content) : version.name === given.name,
    );
    if (same !== undefined) {
      if (sameContent(same, content)) return { id: same.id, created: false };
      const others = same.datasetVersionId === trained.id ? ', with other roles or metrics' : '';
      throw new TidemarkError(
        'conflict',
        `Version "${same.name}" of the model is bound to v${same.datasetVersion} of "${same.dataset}"${others}; a version never changes, so choose another name.`,
      );
    }
    await keepFound(tx, trained.dataset, trained);
    const number = (existing.at(-1)?.number ?? 0) + 1;
    const row = await insertModelVersion(tx, {
      ...content,
      projectId: actor.projectId,
      modelId: model.id,
      name: given.name ?? freeName(number, existing),
      number,
    });
    if (locked?.currentVersionId === null) await setCurrentVersion(tx, model.id, row.id);
    return { id: row.id, created: true };
  });
  const all = await loadVersions(ctx.db, actor.projectId, given.model);
  const bound = all.find(({ version }) => version.id === created.id);
  if (bound === undefined) throw new Error('a model version vanished while it was made');
  return { ...bound, created: created.created };
}

/** `v3`, or the next number that no version is called by. */
function freeName(number: number, existing: readonly BoundVersionRow[]): string {
  const taken = new Set(existing.map((version) => version.name));
  let n = number;
  while (taken.has(`v${n}`)) n++;
  return `v${n}`;
}

type Content = { datasetVersionId: number; roles: StoredRoles; metrics: Readonly<Record<string, number>> };

/** What was guessed while the columns were unknown may be known now: it is what was said that counts then. */
function sameContent(version: BoundVersionRow, content: Content): boolean {
  if (version.datasetVersionId !== content.datasetVersionId) return false;
  if (!isDeepStrictEqual(version.metrics, content.metrics)) return false;
  const stored = storedRoles(version);
  const early = stored.pending || content.roles.pending;
  return isDeepStrictEqual(comparable(stored, early), comparable(content.roles, early));
}

function comparable(roles: StoredRoles, saidOnly: boolean) {
  const said = (role: RoleName) => (saidOnly && roles.guessed.includes(role) ? null : (roles[role] ?? null));
  return [roles.ignore, roles.scores ?? {}, ...ROLE_NAMES.map(said)];
}

function missingColumns(roles: StoredRoles, columns: readonly { name: string }[]): TidemarkError {
  const known = columns.map((column) => column.name);
  const issues = roles.missing.map((name) => {
    const role = ROLE_NAMES.find((candidate) => roles[candidate] === name);
    const scored = Object.values(roles.scores ?? {}).includes(name);
    const pointer = `/roles/${role ?? (scored ? 'scores' : 'ignore')}`;
    return { code: 'unknown-column', pointer, detail: `the data has no column "${name}"` };
  });
  const list = known.slice(0, 20).join(', ');
  return new TidemarkError(
    'invalid-body',
    `The dataset version has no column ${roles.missing.map((name) => `"${name}"`).join(', ')}; it has: ${list}${known.length > 20 ? ', …' : ''}.`,
    { issues },
  );
}

/** The versions of a model in their order, with what their columns are. */
export async function readModelVersions(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  model: string,
): Promise<BoundVersion[]> {
  requireScope(actor, 'data:read');
  return loadVersions(ctx.db, actor.projectId, model);
}

async function loadVersions(db: Db, projectId: number, name: string): Promise<BoundVersion[]> {
  const model = await resolveModel(db, projectId, name);
  const versions = await listModelVersions(db, model.id);
  return Promise.all(
    versions.map(async (version) => ({
      ...(await versionRoles(db, version)),
      model,
      version,
      current: version.id === model.currentVersionId,
    })),
  );
}
