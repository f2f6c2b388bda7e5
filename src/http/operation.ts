import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { nameShape } from '../../schemas/wire/shapes.ts';
import type { Scope } from '../domain/access/actor.ts';
import type { HttpEnv } from './request.ts';

/** What a route is, as the OpenAPI document shows it: names that generated clients read well by. */
export type App = OpenAPIHono<HttpEnv>;

export type RouteSpec<P, Q, B> = {
  /** The name of the call in clients: it stays when the path changes. */
  readonly id: string;
  readonly method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';
  /** OpenAPI form, e.g. `/v1/datasets/{dataset}`; `{path*}` takes the rest of the path. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly scope: Scope | 'public';
  readonly params?: P;
  readonly query?: Q;
  /** A JSON body. Routes that stream declare `raw` instead and read it themselves. */
  readonly body?: B;
  readonly raw?: {
    readonly mediaTypes: readonly string[];
    readonly description: string;
    /** What the body may be instead, in JSON. */
    readonly json?: z.ZodType;
  };
  /** Takes an Idempotency-Key. */
  readonly idempotent?: true;
  /** Successful answers by status; `null` for a body that is not JSON. */
  readonly answers: Readonly<Record<number, AnswerSpec>>;
};

type AnswerSpec = {
  readonly description: string;
  readonly schema: z.ZodType | null;
  readonly mediaType?: string;
  /** What it may be instead, when asked for. */
  readonly files?: readonly string[];
};

type Part = z.ZodObject | undefined;

/** Adds a route to the OpenAPI document. */
export function documentOperation({ openAPIRegistry }: App, spec: RouteSpec<Part, Part, z.ZodType | undefined>): void {
  const content = contentOf(spec);
  const query = queryOf(spec);
  openAPIRegistry.registerPath({
    operationId: spec.id,
    method: spec.method,
    path: spec.path.replace('*}', '}'),
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(spec.scope === 'public' ? { security: [] } : { security: [{ key: [spec.scope] }], 'x-scope': spec.scope }),
    request: {
      ...(spec.params === undefined ? {} : { params: spec.params }),
      ...(query === undefined ? {} : { query }),
      ...(spec.idempotent === undefined ? {} : { headers: idempotencyHeader }),
      ...(content === undefined ? {} : { body: { content, required: true } }),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(spec.answers).map(([status, answer]) => [
          status,
          { description: answer.description, ...answerContent(answer) },
        ]),
      ),
      default: {
        description: 'A problem document (RFC 9457)',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    },
  });
}

const binary = { schema: z.string().meta({ format: 'binary' }) };

/** JSON first, where there is any: generated clients make the call of the first form. */
function contentOf(spec: RouteSpec<Part, Part, z.ZodType | undefined>) {
  const json = spec.body ?? spec.raw?.json;
  const others = (spec.raw?.mediaTypes ?? []).filter((type) => json === undefined || type !== 'application/json');
  if (json === undefined && others.length === 0) return undefined;
  return {
    ...(json === undefined ? {} : { 'application/json': { schema: bodyNamed(json, spec.id) } }),
    ...Object.fromEntries(others.map((type) => [type, binary])),
  };
}

/** The project is read by the authentication, on every route that asks who is there. */
function queryOf({ path, query, scope }: RouteSpec<Part, Part, z.ZodType | undefined>): Part {
  if (scope === 'public' || !path.startsWith('/v1/')) return query;
  return (query ?? z.strictObject({})).safeExtend({ project: projectShape });
}

const projectShape = nameShape.optional().meta({
  description:
    'On a service that is open, and for an admin key of `default`: the project that is meant, also as the header `Tidemark-Project`. A key has its own.',
  example: 'default',
});

const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .meta({ description: 'Of your choice: a repetition with the same key gets the first answer.' }),
});

function answerContent({ schema, mediaType, files = [] }: AnswerSpec) {
  const json = schema === null ? {} : { 'application/json': { schema: pageNamed(schema) } };
  const bytes = [...(mediaType === undefined ? [] : [mediaType]), ...files].map((type) => [type, binary] as const);
  if (schema === null && bytes.length === 0) return {};
  return { content: { ...json, ...Object.fromEntries(bytes) } };
}

const idOf = (schema: z.ZodType): string | undefined => schema.meta()?.id;

/** Bodies that have no name of their own yet, by what they are: one that two calls share is named after the first. */
const bodies = new WeakMap<z.ZodType, z.ZodType>();

function bodyNamed(schema: z.ZodType, operation: string): z.ZodType {
  if (!(schema instanceof z.ZodObject) || idOf(schema) !== undefined) return schema;
  const named = bodies.get(schema) ?? schema.meta({ ...schema.meta(), id: `${capital(operation)}Request` });
  bodies.set(schema, named);
  return named;
}

/** A page or list of what has a name is named after it. */
function pageNamed(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodObject) || idOf(schema) !== undefined) return schema;
  const { items, next } = schema.shape;
  const item = items instanceof z.ZodArray && items.element instanceof z.ZodType ? idOf(items.element) : undefined;
  return item === undefined ? schema : schema.meta({ id: `${item}${next === undefined ? 'List' : 'Page'}` });
}

const capital = (text: string): string => text.replace(/^./, (first) => first.toUpperCase());

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional().meta({ description: 'Absent where the request could not be read as HTTP' }),
    request_id: z.string().optional().meta({ description: 'Under which the log has it; absent as `instance` is' }),
    errors: z.array(z.looseObject({ code: z.string(), detail: z.string() })).optional(),
    errors_total: z.int().optional(),
  })
  .meta({ id: 'Problem' });
