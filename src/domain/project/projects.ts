import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { ensureProject, findProject, listProjects, type ProjectRow } from '../../store/access/access.ts';
import { countContents, type ProjectContents } from '../../store/access/project-contents.ts';
import { listFormerProjectNames } from '../../store/access/project-names.ts';
import { countHoldings, type HoldingsRow } from '../../store/inventory/holdings.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type Actor, requireScope, runsTheService } from '../access/actor.ts';
import { deletedProject } from '../access/deleted-project.ts';
import { missingProject } from '../access/missing-project.ts';

/** A project, and what it was called before. */
export type NamedProject = ProjectRow & { readonly formerNames: readonly string[] };

/**
 * Makes a project unless it exists, or one was called so.
 * @throws TidemarkError `conflict` where a deleted one still has the name.
 */
export async function createProject(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  name: string,
): Promise<{ project: NamedProject; created: boolean }> {
  requireScope(actor, 'admin');
  const made = await ensureProject(ctx.db, name);
  if (made.project.deletedAt === null) return { ...made, project: await withFormerNames(ctx.db, made.project) };
  throw takenByDeleted(made.project);
}

/** A deleted project can come back as long as it is not erased. */
export const takenByDeleted = (project: ProjectRow): TidemarkError =>
  new TidemarkError('conflict', `${deletedProject(project).message} Until it is erased its name is taken.`);

/** The projects an actor may see, deleted ones or the others: all of them who runs the service, else its own. */
export async function readProjects(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  { deleted = false }: { readonly deleted?: boolean } = {},
): Promise<NamedProject[]> {
  const all = (await listProjects(ctx.db)).filter(({ deletedAt }) => (deletedAt !== null) === deleted);
  const seen = runsTheService(actor) ? all : all.filter((project) => project.id === actor.projectId);
  const former = await listFormerProjectNames(
    ctx.db,
    seen.map(({ id }) => id),
  );
  return seen.map((project) => ({ ...project, formerNames: former.get(project.id) ?? [] }));
}

/** The projects that an actor may see, by name, with what is in them. */
export async function readHoldings(ctx: Pick<Context, 'db'>, actor: Actor): Promise<HoldingsRow[]> {
  const projects = await readProjects(ctx, actor);
  return countHoldings(
    ctx.db,
    projects.map(({ id }) => id),
  );
}

/** @returns the project with what it was called before. */
async function withFormerNames(db: Db, project: ProjectRow): Promise<NamedProject> {
  const former = await listFormerProjectNames(db, [project.id]);
  return { ...project, formerNames: former.get(project.id) ?? [] };
}

export type DescribedProject = { readonly project: NamedProject; readonly holds: ProjectContents };

/** A project, be it deleted, with what is in it. @throws TidemarkError `not-found`. */
export async function describeProject(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<DescribedProject> {
  requireScope(actor, 'data:read');
  const project = await resolveProject(ctx.db, actor, name);
  return { project, holds: await countContents(ctx.db, project.id) };
}

/** @throws TidemarkError `not-found`, also for one that is not the actor's to know of. */
export async function resolveProject(db: Db, actor: Actor, name: string): Promise<NamedProject> {
  const found = await findProject(db, name);
  if (found !== null && (found.id === actor.projectId || runsTheService(actor))) return withFormerNames(db, found);
  throw missingProject(name, runsTheService(actor));
}
