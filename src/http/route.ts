import type { z } from 'zod';
import type { Context } from '../context.ts';
import type { Actor } from '../domain/access/actor.ts';
import { requireScope } from '../domain/access/actor.ts';
import { type ErrorIssue, TidemarkError } from '../errors.ts';
import { markNext, markOf, unmarked, withMark } from './list-cursor.ts';
import { type App, documentOperation, type RouteSpec } from './operation.ts';
import { type HttpContext, readJson } from './request.ts';

/**
 * One declaration a route: it parses by the same shapes that the OpenAPI document shows, checks the scope, and
 * calls one verb. A route without a scope does not compile; `public` must be said.
 */
export type { App };

type Shape = z.ZodObject;
type Of<S> = S extends z.ZodType ? z.output<S> : undefined;

export type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type RouteInput<P, Q, B> = {
  readonly c: HttpContext;
  readonly ctx: Context;
  readonly actor: Actor;
  readonly params: Of<P>;
  readonly query: Of<Q>;
  readonly body: Of<B>;
};

/** Registers a route with the app and with the OpenAPI document. */
export function route<
  P extends Shape | undefined = undefined,
  Q extends Shape | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  app: App,
  spec: RouteSpec<P, Q, B>,
  handle: (input: RouteInput<P, Q, B>) => Promise<Answer | Response> | Answer | Response,
): void {
  documentOperation(app, spec);
  const names = [...spec.path.matchAll(/\{(\w+)\*?\}/g)].map((match) => match[1] ?? '');
  app.on(spec.method.toUpperCase(), honoPath(spec.path), async (c) => {
    const ctx = c.get('ctx');
    const actor = c.get('actor');
    if (spec.scope !== 'public') requireScope(actor, spec.scope);
    // A part that was not declared has the type `undefined`, which is what it then is.
    const named = paramsOf(c, names);
    const asked = queryOf(c);
    const params = parsePart(spec.params as P, named, 'path');
    // Whoever asks for pages has a project: no public route gives any.
    const mark = givesPages(spec.query)
      ? markOf({ id: spec.id, projectId: actor.projectId, params: named, query: asked })
      : null;
    if (mark !== null && asked.cursor !== undefined) asked.cursor = unmarked(asked.cursor, mark);
    const query = parsePart(spec.query as Q, asked, 'query');
    const given = spec.body === undefined ? undefined : await readJson(c, ctx.config.limits.bodyBytes);
    const body = parsePart(spec.body as B, given, 'body');
    const answer = await handle({ c, ctx, actor, params, query, body });
    if (answer instanceof Response) return mark === null ? answer : markNext(answer, mark);
    const content = mark === null ? answer.body : withMark(answer.body, mark);
    return new Response(content === null ? null : JSON.stringify(content), {
      status: answer.status,
      headers: { ...(answer.body === null ? {} : { 'content-type': 'application/json' }), ...answer.headers },
    });
  });
}

const givesPages = (query: Shape | undefined): boolean => query !== undefined && 'cursor' in query.shape;

/** Routes declared so far, for the test that every one is documented and has a scope. */
export const honoPath = (path: string): string => path.replace(/\{(\w+)\*\}/g, ':$1{.+}').replace(/\{(\w+)\}/g, ':$1');

function paramsOf(c: HttpContext, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, c.req.param(name) ?? '']));
}

/** Each parameter once: a repeated one is an error rather than a silent choice. */
function queryOf(c: HttpContext): Record<string, string> {
  refuseUndecodable(c.req.url);
  const found = new Map<string, string>();
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (values.length > 1) throw new TidemarkError('bad-request', `The query parameter "${name}" stands twice.`);
    found.set(name, values[0] ?? '');
  }
  // The project is taken by the authentication, on any route.
  found.delete('project');
  return Object.fromEntries(found);
}

/** What cannot be decoded would be taken as it stands, and so as another text than was meant: `%FF` for a byte. */
function refuseUndecodable(url: string): void {
  const at = url.indexOf('?');
  if (at === -1 || !url.includes('%', at)) return;
  for (const part of url.slice(at + 1).split('&')) {
    try {
      decodeURIComponent(part);
    } catch (cause) {
      const name = part.split('=', 1)[0];
      throw new TidemarkError('bad-request', `The query parameter "${name}" is not UTF-8 in percent-encoding.`, {
        cause,
      });
    }
  }
}

/** Parses by a shape, or throws what is wrong at which place. */
export function parsePart<S extends z.ZodType | undefined>(
  schema: S,
  given: unknown,
  part: 'path' | 'query' | 'body',
): Of<S> {
  if (schema === undefined) {
    const extra = part === 'query' ? Object.keys(given as object) : [];
    if (extra.length > 0) throw new TidemarkError('bad-request', `Unknown query parameter "${extra[0]}".`);
    // Without a schema the part is `undefined` by its type.
    return undefined as Of<S>;
  }
  const parsed = schema.safeParse(given, { error: missing });
  if (parsed.success) return parsed.data as Of<S>;
  throw invalid(parsed.error, part);
}

/** The words for what was not sent, and for what has none of several forms; anything else has its shape's own. */
const missing: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined)
    return issue.code === 'invalid_value' ? `is required${oneOf(issue.values)}` : 'is required';
  if (issue.code !== 'invalid_union') return undefined;
  const forms = issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? expected(inner) : []));
  return forms.length === 0 ? undefined : `Invalid input: expected ${[...new Set(forms)].join(' or ')}`;
};

const oneOf = (values: readonly unknown[]): string =>
  values.length > 1 ? `: one of ${values.map((value) => JSON.stringify(value)).join('|')}` : '';

const expected = (issue: z.core.$ZodIssue): string[] => (issue.code === 'invalid_type' ? [issue.expected] : []);

function invalid(error: z.ZodError, part: 'path' | 'query' | 'body'): TidemarkError {
  const issues = error.issues.flatMap(issuesOf);
  const unknown = issues.every((issue) => issue.code === 'unknown-field');
  const code = part === 'body' ? (unknown ? 'unknown-field' : 'invalid-body') : 'bad-request';
  const first = issues[0];
  const where =
    part === 'body' ? `The body at ${first?.pointer || '/'}` : `The ${part} parameter "${first?.pointer?.slice(1)}"`;
  return new TidemarkError(code, `${where}: ${first?.detail}.`, { issues });
}

/** One step of a JSON pointer (RFC 6901). */
const pointerPart = (part: PropertyKey): string => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;

function issuesOf(issue: z.core.$ZodIssue): ErrorIssue[] {
  const pointer = issue.path.map(pointerPart).join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'unknown-field',
      pointer: pointer + pointerPart(key),
      detail: `"${key}" is not a known field`,
    }));
  }
  const meant = issue.code === 'invalid_union' ? issue.errors.find(isOfThisKind) : undefined;
  if (meant !== undefined)
    return meant.flatMap((inner) => issuesOf({ ...inner, path: [...issue.path, ...inner.path] }));
  return [{ code: issue.code.replaceAll('_', '-'), pointer, detail: issue.message }];
}

/** Of several shapes the one that a value was meant to have: it is at least an object, or a list, where that is one. */
const isOfThisKind = (issues: readonly z.core.$ZodIssue[]): boolean =>
  issues.length > 0 && !issues.some(({ path, code }) => path.length === 0 && code === 'invalid_type');
