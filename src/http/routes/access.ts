import { z } from 'zod';
import { issuedKeyView, keyRequest, keyView } from '../../../schemas/wire/access.ts';
import { addressedShape } from '../../../schemas/wire/shapes.ts';
import { issueKey, readKeys, revokeKey } from '../../domain/access/keys.ts';
import { type App, route } from '../route.ts';

type KeyRow = Awaited<ReturnType<typeof readKeys>>[number];

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

const viewKey = (row: KeyRow) => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  created_at: row.createdAt.toISOString(),
  expires_at: iso(row.expiresAt),
  revoked_at: iso(row.revokedAt),
  last_used_at: iso(row.lastUsedAt),
});

/** API keys. */
export function accessRoutes(app: App): void {
  route(
    app,
    {
      id: 'listKeys',
      method: 'get',
      path: '/v1/keys',
      tag: 'access',
      summary: 'List API keys',
      scope: 'admin',
      answers: {
        200: { description: 'The keys, without their secrets', schema: z.strictObject({ items: z.array(keyView) }) },
      },
    },
    async ({ ctx, actor }) => ({ status: 200, body: { items: (await readKeys(ctx, actor)).map(viewKey) } }),
  );

  route(
    app,
    {
      id: 'createKey',
      method: 'post',
      path: '/v1/keys',
      tag: 'access',
      summary: 'Make an API key',
      description:
        'The answer shows the key, once. From the first key on, the service lets only keys in. A key works in the project it is made in; an admin key of "default" also makes keys of another one: "project".',
      scope: 'admin',
      body: keyRequest,
      answers: { 201: { description: 'The key', schema: issuedKeyView } },
    },
    async ({ ctx, actor, body }) => {
      const expiresAt = body.expires_at === undefined ? null : new Date(body.expires_at);
      const { name, scopes, project } = body;
      const { key, row } = await issueKey(ctx, actor, { name, scopes, expiresAt, project });
      return { status: 201, body: { ...viewKey(row), key } };
    },
  );

  route(
    app,
    {
      id: 'revokeKey',
      method: 'delete',
      path: '/v1/keys/{id}',
      tag: 'access',
      summary: 'Revoke an API key',
      scope: 'admin',
      params: z.strictObject({ id: addressedShape }),
      answers: { 204: { description: 'Revoked', schema: null } },
    },
    async ({ ctx, actor, params }) => {
      await revokeKey(ctx, actor, params.id);
      return { status: 204, body: null };
    },
  );
}
