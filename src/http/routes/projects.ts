import { z } from 'zod';
import {
  projectDeletionQuery,
  projectDetailsView,
  projectParams,
  projectPatch,
  projectRequest,
  projectsQuery,
  projectView,
} from '../../../schemas/wire/access.ts';
import { deleteProject, restoreProject } from '../../domain/project/delete.ts';
import { createProject, type DescribedProject, describeProject, readProjects } from '../../domain/project/projects.ts';
import { callProject } from '../../domain/project/rename.ts';
import { type App, route } from '../route.ts';

const ERASED =
  'Then it is erased: its rows, and the bytes that no other project has. Until then its name is taken. The project ' +
  '`default` stays, since its admin keys make the keys of all others.';

/** Projects: made, described, deleted and taken back. */
export function projectRoutes(app: App): void {
  route(
    app,
    {
      id: 'listProjects',
      method: 'get',
      path: '/v1/projects',
      tag: 'access',
      summary: 'List projects',
      scope: 'data:read',
      query: projectsQuery,
      answers: { 200: { description: 'The projects', schema: z.strictObject({ items: z.array(projectView) }) } },
    },
    async ({ ctx, actor, query }) => {
      const rows = await readProjects(ctx, actor, { deleted: query.deleted === 'true' });
      return { status: 200, body: { items: rows.map(viewProject) } };
    },
  );

  route(
    app,
    {
      id: 'createProject',
      method: 'post',
      path: '/v1/projects',
      tag: 'access',
      summary: 'Make a project',
      description:
        'Repeating it answers 200 with the project that exists, or that was called so. 409: a deleted one has the name.',
      scope: 'admin',
      body: projectRequest,
      answers: {
        200: { description: 'It exists', schema: projectView },
        201: { description: 'It was made', schema: projectView },
      },
    },
    async ({ ctx, actor, body }) => {
      const { project, created } = await createProject(ctx, actor, body.name);
      return { status: created ? 201 : 200, body: viewProject(project) };
    },
  );

  route(
    app,
    {
      id: 'getProject',
      method: 'get',
      path: '/v1/projects/{project}',
      tag: 'access',
      summary: 'Show a project and what it holds',
      scope: 'data:read',
      params: projectParams,
      answers: { 200: { description: 'The project, be it deleted', schema: projectDetailsView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewDetails(await describeProject(ctx, actor, params.project)),
    }),
  );

  route(
    app,
    {
      id: 'updateProject',
      method: 'patch',
      path: '/v1/projects/{project}',
      tag: 'access',
      summary: 'Call a project otherwise',
      description:
        'With an admin key of `default`. Its keys stay, and what has the former name, as the address of a `dvc remote`, ' +
        'goes on finding it, until another project is called so. 409: another has the name. `default` keeps its own.',
      scope: 'admin',
      params: projectParams,
      body: projectPatch,
      answers: { 200: { description: 'It is called so', schema: projectDetailsView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewDetails(await callProject(ctx, actor, { ...params, ...body })),
    }),
  );

  route(
    app,
    {
      id: 'deleteProject',
      method: 'delete',
      path: '/v1/projects/{project}',
      tag: 'access',
      summary: 'Delete a project with all that is in it',
      description: `With an admin key of \`default\`, and the project's name once more. From then on its keys let nobody in, its addresses answer 410, none of its jobs begins and nothing is delivered; what a worker has in hand it ends. It can be restored until \`restorable_until\`. ${ERASED}`,
      scope: 'admin',
      params: projectParams,
      query: projectDeletionQuery,
      answers: { 200: { description: 'It is deleted, or would be, with all this', schema: projectDetailsView } },
    },
    async ({ ctx, actor, params, query }) => {
      const { confirm, undo_seconds: undoSeconds, dry_run } = query;
      const deleting = { project: params.project, confirm, undoSeconds, dryRun: dry_run === 'true' };
      return { status: 200, body: viewDetails(await deleteProject(ctx, actor, deleting)) };
    },
  );

  route(
    app,
    {
      id: 'restoreProject',
      method: 'post',
      path: '/v1/projects/{project}/restore',
      tag: 'access',
      summary: 'Take a deleted project back',
      description: 'As it was, with an admin key of `default`: its keys let in again, and its jobs go on.',
      scope: 'admin',
      params: projectParams,
      answers: { 200: { description: 'It is there', schema: projectDetailsView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewDetails(await restoreProject(ctx, actor, params.project)),
    }),
  );
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

const viewProject = (project: DescribedProject['project']) => ({
  name: project.name,
  former_names: [...project.formerNames],
  created_at: project.createdAt.toISOString(),
  deleted_at: iso(project.deletedAt),
  deleted_by: project.deletedBy,
  restorable_until: project.erasingAt === null ? iso(project.eraseAt) : null,
});

const viewDetails = ({ project, holds }: DescribedProject) => ({
  ...viewProject(project),
  holds: {
    datasets: holds.datasets,
    versions: holds.versions,
    objects: holds.objects,
    bytes: holds.bytes,
    own_bytes: holds.ownBytes,
    models: holds.models,
    logged_rows: holds.loggedRows,
    monitors: holds.monitors,
    open_alerts: holds.openAlerts,
    policies: holds.policies,
    living_runs: holds.livingRuns,
    jobs: holds.jobs,
    webhooks: holds.webhooks,
    pending_messages: holds.pendingMessages,
    registries: holds.registries,
    keys: holds.keys,
  },
});
