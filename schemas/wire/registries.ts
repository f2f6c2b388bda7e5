import { z } from 'zod';
import { instantShape, nameShape, pageShape } from './shapes.ts';

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((given) => !given.includes('\0'), 'must be text without U+0000');

export const registryRequest = z.strictObject({
  kind: z.literal('mlflow'),
  alias: text(256).optional().meta({ description: 'The alias of the version in service. Default: `champion`' }),
  version_prefix: z
    .string()
    .max(50)
    .regex(/^([a-zA-Z0-9][a-zA-Z0-9._-]*)?$/, 'must begin as the name of a model version does')
    .optional()
    .meta({ description: 'What a version is called here before its number there: `v` where `v3` is version 3' }),
  models: z
    .record(text(256), nameShape)
    .refine((given) => Object.keys(given).length <= 100, 'must have at most 100 members')
    .optional()
    .meta({
      description: 'Names of registered models and of the models here, where they differ',
      example: { 'Churn (EU)': 'churn' },
    }),
  secret: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 visible ASCII characters')
    .optional()
    .meta({ description: 'A secret of your own; one is made when it is absent' }),
});

export const registryView = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['mlflow']),
    alias: z.string(),
    version_prefix: z.string(),
    models: z.record(z.string(), z.string()),
    /** Where the registry's webhook is to be sent. */
    url: z.string(),
    created_at: instantShape,
  })
  .meta({ id: 'Registry' });

/** The one answer that holds the secret itself. */
export const issuedRegistryView = registryView.extend({ secret: z.string() }).meta({ id: 'IssuedRegistry' });

/** What MLflow's webhooks say; other members come with other events. */
export const registryNotice = z
  .looseObject({
    entity: z.string().max(100),
    action: z.string().max(100),
    timestamp: instantShape,
    data: z.looseObject({
      name: z.string().max(1000).optional(),
      alias: z.string().max(1000).optional(),
      version: z.union([z.string().max(100), z.int()]).optional(),
    }),
  })
  .meta({ id: 'RegistryNotice' });

export type RegistryNotice = z.infer<typeof registryNotice>;

const outcomeShape = z.enum([
  'promoted',
  'rolled_back',
  /** The version is in service already. */
  'unchanged',
  /** The alias has been moved again since. */
  'superseded',
  /** The version is not known here yet; for a day it is waited for. */
  'waiting',
  'lapsed',
]);

const registryEvent = {
  outcome: outcomeShape,
  detail: z.string(),
  model: z.string(),
  model_version: z.string(),
  run: z.string().nullable(),
};

export const registryAnswer = z
  .strictObject({
    ...registryEvent,
    /** `ignored`: nothing that concerns this project. */
    outcome: z.enum([...outcomeShape.options, 'ignored']),
    model: z.string().nullable(),
    model_version: z.string().nullable(),
  })
  .meta({ id: 'RegistryAnswer' });

export const registryEventQuery = pageShape;

export const registryEventView = z
  .strictObject({
    id: z.int(),
    delivery: z.string(),
    at: instantShape,
    /** When the alias was moved, by the registry's clock. */
    moved_at: instantShape,
    ...registryEvent,
  })
  .meta({ id: 'RegistryEvent' });
