import type { Child } from 'hono/jsx';
import { nameShape } from '../../schemas/wire/shapes.ts';
import type { Actor } from '../domain/access/actor.ts';
import { mayDo, runsTheService } from '../domain/access/actor.ts';
import { deleteProject, restoreProject } from '../domain/project/delete.ts';
import { readHoldings, readProjects } from '../domain/project/projects.ts';
import { callProject, readRenamable } from '../domain/project/rename.ts';
import { isTidemarkError, TidemarkError } from '../errors.ts';
import { readForm } from './form.ts';
import { Page } from './layout.tsx';
import { actorOf, answerPage, guarded, isOpen, type PageRequest, type Pages } from './page.tsx';
import { ProjectDeletion } from './pages/project-deletion.tsx';
import { ProjectRenaming } from './pages/project-renaming.tsx';
import { Projects } from './pages/projects.tsx';
import { checkOrigin } from './session.ts';

/** The list of projects, and how one is called otherwise, deleted and taken back. */
export function projectRoutes(pages: Pages): void {
  const { app, ctx } = pages;
  const guard = (c: PageRequest, make: (actor: Actor) => Promise<Response>) =>
    guarded(pages, c, null, async () => make(await actorOf(ctx, c, null)));
  /** A form of one of our pages, and nobody else's. */
  const posted = (c: PageRequest, make: (actor: Actor) => Promise<Response>) =>
    guarded(pages, c, null, async () => {
      checkOrigin(ctx, { origin: c.req.header('origin'), host: c.req.header('host') });
      return make(await actorOf(ctx, c, null));
    });
  app.get('/projects', (c) =>
    guard(c, async (actor) => {
      const runs = runsTheService(actor) && mayDo(actor, 'admin');
      const deleted = runs ? await readProjects(ctx, actor, { deleted: true }) : [];
      const entered = (project: string): boolean => isOpen(actor) || project === actor.project;
      const holdings = (await readHoldings(ctx, actor)).filter(({ project }) => runs || entered(project));
      return answer(actor, 'Projects', <Projects {...{ holdings, entered, deleted, runs }} />);
    }),
  );
  app.get('/projects/:project/rename', (c) => guard(c, (actor) => answerRenaming(pages, actor, nameOf(c))));
  app.post('/projects/:project/rename', (c) =>
    posted(c, async (actor) => {
      const name = (await readForm(c)).get('name')?.trim() ?? '';
      try {
        await callProject(ctx, actor, { project: nameOf(c), name: checkedName(name) });
      } catch (error) {
        if (!isTidemarkError(error, 'bad-request') && !isTidemarkError(error, 'conflict')) throw error;
        const refused = { name, why: error.message };
        return answerRenaming(pages, actor, nameOf(c), { status: pages.statusOf(error), refused });
      }
      return seeProjects();
    }),
  );
  app.get('/projects/:project/delete', (c) => guard(c, (actor) => answerDeletion(pages, actor, nameOf(c))));
  app.post('/projects/:project/delete', (c) =>
    posted(c, async (actor) => {
      const confirm = (await readForm(c)).get('confirm')?.trim() ?? '';
      try {
        const asked = { project: nameOf(c), confirm, undoSeconds: undefined, dryRun: false };
        await deleteProject(ctx, actor, asked);
      } catch (error) {
        if (!isTidemarkError(error, 'bad-request')) throw error;
        return answerDeletion(pages, actor, nameOf(c), { status: pages.statusOf(error), refused: error.message });
      }
      return seeProjects();
    }),
  );
  app.post('/projects/:project/restore', (c) =>
    posted(c, async (actor) => {
      await restoreProject(ctx, actor, nameOf(c));
      return seeProjects();
    }),
  );
}

const nameOf = (c: PageRequest): string => c.req.param('project') ?? '';

/** @throws TidemarkError `bad-request`. */
function checkedName(name: string): string {
  const checked = nameShape.safeParse(name);
  if (checked.success) return checked.data;
  const why = checked.error.issues.map(({ message }) => message).join('; ');
  throw new TidemarkError('bad-request', `The name ${why}.`);
}

async function answerRenaming(
  { ctx }: Pages,
  actor: Actor,
  name: string,
  {
    status,
    refused,
  }: { readonly status: number; readonly refused: { readonly name: string; readonly why: string } | null } = {
    status: 200,
    refused: null,
  },
): Promise<Response> {
  const project = await readRenamable(ctx, actor, name);
  return answer(actor, `Rename ${project.name}`, <ProjectRenaming {...{ project, refused }} />, status);
}

async function answerDeletion(
  { ctx }: Pages,
  actor: Actor,
  project: string,
  { status, refused }: { readonly status: number; readonly refused: string | null } = { status: 200, refused: null },
): Promise<Response> {
  const described = await deleteProject(ctx, actor, {
    project,
    confirm: undefined,
    undoSeconds: undefined,
    dryRun: true,
  });
  const body = <ProjectDeletion {...described} seconds={ctx.config.storage.trashSeconds} refused={refused} />;
  return answer(actor, `Delete ${described.project.name}`, body, status);
}

function answer(actor: Actor, title: string, body: Child, status = 200): Promise<Response> {
  const frame = { section: 'none', title, project: null, open: isOpen(actor), signedIn: !isOpen(actor) } as const;
  return answerPage(<Page frame={frame}>{body}</Page>, status);
}

/** 303: the browser asks for the list with GET. */
const seeProjects = (): Response =>
  new Response(null, { status: 303, headers: { location: '/projects', 'cache-control': 'no-store' } });
