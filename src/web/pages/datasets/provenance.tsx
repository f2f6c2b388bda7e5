import { z } from 'zod';
import type { readVersionUsers } from '../../../domain/model/read-users.ts';
import type { Links } from '../../links.ts';

/** Where a version came from, as it was recorded; members that are missing are not shown. */
const provenanceShape = z.looseObject({
  kind: z.string().catch('push'),
  author: z.string().optional().catch(undefined),
  run: z.string().optional().catch(undefined),
  model: z.string().optional().catch(undefined),
  rows: z.number().optional().catch(undefined),
  repeats: z.string().optional().catch(undefined),
  recipe: z
    .looseObject({ rows: z.looseObject({ where: z.string().optional() }).optional() })
    .optional()
    .catch(undefined),
});

const KINDS: Readonly<Record<string, string>> = {
  push: 'pushed',
  commit: 'committed from objects',
  pointer: 'committed from a .dvc file',
  dvc: 'pushed with dvc',
  derived: 'derived from logged predictions and their labels',
};

/** One sentence part: how a version was made, and by whom. */
export function ProvenanceLine({ provenance, links }: { provenance: unknown; links: Links }) {
  const parsed = provenanceShape.safeParse(provenance);
  if (!parsed.success) return null;
  const { kind, author, run, model, recipe, repeats } = parsed.data;
  return (
    <span>
      {recipe === undefined ? (KINDS[kind] ?? kind) : 'derived from other versions'}
      {recipe?.rows?.where !== undefined && (
        <>
          {' where '}
          <code>{recipe.rows.where}</code>
        </>
      )}
      {model !== undefined && (
        <>
          {' of '}
          <a href={links.model(model)}>
            <bdi>{model}</bdi>
          </a>
        </>
      )}
      {run !== undefined && (
        <>
          {' for '}
          <a href={links.run(run)}>a retraining run</a>
        </>
      )}
      {repeats !== undefined && ` with the content of ${repeats} again`}
      {author !== undefined && (
        <>
          {' by '}
          <bdi>{author}</bdi>
        </>
      )}
    </span>
  );
}

/** What a version was labelled with, as it was recorded. */
export function Labels({ labels }: { labels: unknown }) {
  const parsed = z.record(z.string(), z.string()).safeParse(labels);
  if (!parsed.success) return null;
  return (
    <>
      {Object.entries(parsed.data).map(([key, value]) => (
        <bdi class="tag">{value === '' ? key : `${key}=${value}`}</bdi>
      ))}
    </>
  );
}

/** The model versions that were trained on a version. */
export function UserLinks({ users, links }: { users: Awaited<ReturnType<typeof readVersionUsers>>; links: Links }) {
  if (users.length === 0) return null;
  return (
    <span>
      {'trained '}
      {users.map((user, i) => (
        <>
          {i > 0 && ', '}
          <a href={links.model(user.model)}>
            <bdi>{user.model}</bdi> <bdi>{user.modelVersion}</bdi>
          </a>
          {user.current && ' (in service)'}
        </>
      ))}
    </span>
  );
}
