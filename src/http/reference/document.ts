import type { App } from '../route.ts';
import type { JsonSchema, NamedSchemas } from './schema-outline.ts';

const INFO = {
  openapi: '3.1.0',
  info: {
    title: 'Tidemark',
    version: '1',
    license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    description:
      'Data versioning and drift monitoring. Errors are RFC 9457 problem documents; lists are paged by cursor; mutations may be repeated.',
  },
  tags: [
    { name: 'datasets', description: 'Named histories of data, and their tags' },
    { name: 'versions', description: 'Versions of data, by content, and what is known of them' },
    { name: 'objects', description: 'Bytes under their DVC names' },
    { name: 'dvc', description: 'The remote of the dvc command' },
    { name: 'remote', description: 'Where the bytes lie, whether they are whole, and what is deleted' },
    { name: 'models', description: 'Models and the data they were trained on' },
    { name: 'logs', description: 'Predictions and labels' },
    { name: 'monitors', description: 'What is watched, against which reference' },
    { name: 'windows', description: 'Windows, verdicts and reports' },
    { name: 'alerts', description: 'Episodes of drift' },
    { name: 'webhooks', description: 'Receivers, messages and attempts' },
    { name: 'retraining', description: 'Policies and runs' },
    { name: 'access', description: 'Projects and keys' },
    { name: 'operations', description: 'Health and metrics' },
  ],
};

export type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: JsonSchema;
};

type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>;

/** What the document says of one call. */
export type Operation = {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly 'x-scope'?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
};

/** A call and where it goes. */
export type Entry = { readonly path: string; readonly method: string; readonly operation: Operation };

/** Calls under one heading. */
export type Section = { readonly name: string; readonly description: string; readonly entries: readonly Entry[] };

export type Reference = { readonly sections: readonly Section[]; readonly named: NamedSchemas };

/** The OpenAPI document of all routes, for a service that is offered below `base`. */
export function documentOf(app: App, base: string): object {
  // From the root of whatever host the document was read at.
  return app.getOpenAPI31Document({ ...INFO, servers: [{ url: base || '/' }] });
}

/** The same for a reader: calls by what they are about, and the shapes that they name. */
export function referenceOf(app: App): Reference {
  const { paths = {}, components } = app.getOpenAPI31Document(INFO);
  const entries = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = INFO.tags.map((tag) => ({
    ...tag,
    entries: entries.filter(({ operation }) => operation.tags?.includes(tag.name)),
  }));
  return { sections, named: (components?.schemas ?? {}) as NamedSchemas };
}
