import type { z } from 'zod';
import type { pushObjectView, pushView } from '../../../schemas/wire/pushes.ts';
import type { PushDetails, readPushObjects } from '../../domain/push/read.ts';

export function viewPush(base: string, { dataset, session, state, versions }: PushDetails): z.infer<typeof pushView> {
  const self = `${base}/v1/datasets/${dataset}/pushes/${session.id}`;
  return {
    id: session.id,
    dataset,
    state,
    author: session.author,
    address: session.address,
    agent: session.agent,
    started_at: session.startedAt.toISOString(),
    settled_at: session.closedAt?.toISOString() ?? null,
    objects: { new: session.newObjects, held: session.heldObjects, refused: session.refused },
    bytes: { new: session.newBytes, held: session.heldBytes },
    awaited: session.awaited,
    versions: versions.map((number) => `v${number}`),
    links: { self, objects: `${self}/objects` },
  };
}

type ObjectRow = Awaited<ReturnType<typeof readPushObjects>>[number];

export function viewPushObject(row: ObjectRow): z.infer<typeof pushObjectView> {
  const { name, layout, size, state, code, detail } = row;
  return {
    name,
    layout,
    md5: row.oid?.slice(0, 32) ?? null,
    size,
    state,
    ...(code === null ? {} : { error: { code, detail: detail ?? '' } }),
    at: row.at.toISOString(),
  };
}
