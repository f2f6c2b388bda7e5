import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findProject, lockProject } from '../../store/access/access.ts';
import { countContents } from '../../store/access/project-contents.ts';
import { renameProject } from '../../store/access/project-names.ts';
import { type Db, isUniqueViolation, transact } from '../../store/postgres/db.ts';
import type { Actor } from '../access/actor.ts';
import { forgetFound } from '../access/authenticate.ts';
import { refuseDeleted } from '../access/deleted-project.ts';
import { type DescribedProject, type NamedProject, resolveProject, takenByDeleted } from './projects.ts';
import { KEPT, noteBoth, requireRunner } from './service-project.ts';

/**
 * Calls a project otherwise. Everything in it stays, its keys too, and what asks for it by its former name, as the
 * address of a `dvc remote` or a link in a message does, goes on finding it, until another project is called so.
 * @throws TidemarkError `forbidden` for who does not run the service; `not-found`; `gone` for a deleted project;
 * `conflict` for the project `default`, and for a name that another project has, be it deleted.
 */
export async function callProject(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly project: string; readonly name: string },
): Promise<DescribedProject> {
  requireRunner(actor, 'renamed');
  try {
    await transact(ctx.db, (tx) => rename(tx, actor, given));
  } catch (error) {
    // Another was called so, or made, in the same moment.
    throw isUniqueViolation(error) ? taken(given.name) : error;
  }
  forgetFound(ctx.db);
  const project = await resolveProject(ctx.db, actor, given.name);
  return { project, holds: await countContents(ctx.db, project.id) };
}

/**
 * A project that could be called otherwise.
 * @throws TidemarkError as `callProject`.
 */
export async function readRenamable(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<NamedProject> {
  requireRunner(actor, 'renamed');
  const project = await resolveProject(ctx.db, actor, name);
  requireRenamable(project);
  return project;
}

async function rename(tx: Db, actor: Actor, given: { readonly project: string; readonly name: string }): Promise<void> {
  const { name } = given;
  const { id } = await resolveProject(tx, actor, given.project);
  await lockProject(tx, id);
  const project = await resolveProject(tx, actor, given.project);
  if (project.name === name) return;
  requireRenamable(project);
  const other = await findProject(tx, name);
  // A former name of another is free for whoever is called so.
  if (other?.name === name) throw other.deletedAt === null ? taken(name) : takenByDeleted(other);
  await renameProject(tx, project, name);
  await noteBoth(tx, actor, { ...project, name }, { action: 'project.renamed', details: { from: project.name } });
}

function requireRenamable(project: NamedProject): void {
  refuseDeleted(project);
  if (project.name !== KEPT) return;
  throw new TidemarkError(
    'conflict',
    `The project "${KEPT}" keeps its name: its admin keys make the keys of all others.`,
  );
}

const taken = (name: string): TidemarkError =>
  new TidemarkError('conflict', `There is a project "${name}" already; rename that one first, or take another name.`);
