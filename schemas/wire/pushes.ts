import { z } from 'zod';
import { instantShape, nameShape } from './shapes.ts';

export const pushParams = z.strictObject({
  dataset: nameShape,
  push: z.string().regex(/^push_[0-9A-Za-z]{1,40}$/, 'must be the id of a push'),
});

export const pushView = z
  .strictObject({
    id: z.string(),
    dataset: z.string(),
    state: z.enum(['running', 'settled', 'incomplete']).meta({
      description:
        'Running until nothing more comes. Incomplete: a folder was about to be sent and did not come, so its files are ' +
        'kept and are no version; the next push sends the rest.',
    }),
    author: z.string(),
    address: z.string().meta({ description: 'Where it came from' }),
    agent: z.string().meta({ description: 'What the client says of itself' }),
    started_at: instantShape,
    settled_at: instantShape.nullable(),
    objects: z.strictObject({ new: z.int(), held: z.int(), refused: z.int() }).meta({
      description:
        'Taken for the first time; held before, as files that came again or that its folders list (known when settled); not taken',
    }),
    bytes: z.strictObject({ new: z.int(), held: z.int() }),
    awaited: z.array(z.string()).meta({ description: 'Folders that the client asked for and that have not come' }),
    versions: z.array(z.string()).meta({ description: 'What it became', example: ['v3'] }),
    links: z.strictObject({ self: z.string(), objects: z.string() }),
  })
  .meta({ id: 'Push' });

export const pushObjectView = z
  .strictObject({
    name: z.string(),
    layout: z.enum(['files-md5', 'legacy']),
    md5: z.string().nullable(),
    size: z.int(),
    state: z.enum(['new', 'held', 'refused']),
    error: z.strictObject({ code: z.string(), detail: z.string() }).optional(),
    at: instantShape,
  })
  .meta({ id: 'PushObject' });
