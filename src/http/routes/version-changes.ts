import { versionParams, versionView } from '../../../schemas/wire/datasets.ts';
import { notesChange } from '../../../schemas/wire/version-notes.ts';
import { noteVersion } from '../../domain/dataset/note-version.ts';
import { viewVersion } from '../dataset-view.ts';
import { type App, route } from '../route.ts';

/** What can be done to a version that is there: its content stays as it is. */
export function versionChangeRoutes(app: App): void {
  route(
    app,
    {
      id: 'updateVersion',
      method: 'patch',
      path: '/v1/datasets/{dataset}/versions/{ref}',
      tag: 'versions',
      summary: 'Say something else of a version',
      description: 'What is absent stays; null takes away. The content never changes, and neither does its number.',
      scope: 'data:write',
      params: versionParams,
      body: notesChange,
      answers: { 200: { description: 'The version', schema: versionView } },
    },
    async ({ ctx, actor, params, body }) => {
      const { message, author, labels, git_rev: gitRev, provenance: details } = body;
      const change = { message, author, labels, gitRev, details };
      const noted = await noteVersion(ctx, actor, { ...params, change });
      return { status: 200, body: viewVersion(ctx.publicUrl(), noted) };
    },
  );
}
