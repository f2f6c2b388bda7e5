import type { Hono, Context as HonoContext } from 'hono';
import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { Context } from '../context.ts';
import type { Actor } from '../domain/access/actor.ts';
import { authenticate } from '../domain/access/authenticate.ts';
import { databaseFailure, whyAway } from '../domain/operations/database-failure.ts';
import { isTidemarkError, TidemarkError } from '../errors.ts';
import { type Frame, Page } from './layout.tsx';
import { type Links, linksOf } from './links.ts';
import { sessionKey } from './session.ts';
import { SignInForm } from './sign-in-form.tsx';

export type PageEnv = { Variables: { requestId: string } };
export type PageApp = Hono<PageEnv>;
export type PageRequest = HonoContext<PageEnv>;

/** One look at a page: who looks, at which project, and what the address says. */
export type Visit = {
  readonly ctx: Context;
  readonly actor: Actor;
  readonly project: string;
  readonly links: Links;
  readonly now: Date;
  readonly param: (name: string) => string;
  readonly query: (name: string) => string | null;
};

/** What a page says; the frame around it is the same everywhere. */
export type Content = Pick<Frame, 'section' | 'title' | 'refresh'> & { readonly body: Child };

/** Statuses belong to `http`, which hands its mapping in. */
export type StatusOf = (error: TidemarkError) => number;

export type Pages = { readonly app: PageApp; readonly ctx: Context; readonly statusOf: StatusOf };

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Answers a path below `/p/{project}` with a page; whatever fails is a page too. */
export function page(pages: Pages, path: string, view: (visit: Visit) => Promise<Content>): void {
  pages.app.get(`/p/:project${path}`, (c) => {
    const project = c.req.param('project') ?? '';
    return guarded(pages, c, project, async () => {
      const visit = await visitOf(pages.ctx, c, project);
      if (visit.project !== project) return seePresent(c, visit.links);
      const { body, ...frame } = await view(visit);
      return answerPage(
        <Page frame={{ ...frame, project, open: isOpen(visit.actor), signedIn: !isOpen(visit.actor) }}>{body}</Page>,
      );
    });
  });
}

/** Runs what makes a page; a failure becomes the page that tells it. */
export async function guarded(
  pages: Pages,
  c: PageRequest,
  project: string | null,
  make: () => Promise<Response>,
): Promise<Response> {
  try {
    refuseNul(c);
    return await make();
  } catch (error) {
    return answerFailure(pages, c, { error, project });
  }
}

/** Nothing that a page shows has U+0000 in its name, and the database would not even take the question. */
function refuseNul(c: PageRequest): void {
  if (/%00/.test(c.req.url)) throw new TidemarkError('not-found', 'There is nothing at this address.');
}

/** A whole document as an answer. Its parts are drawn at once: whatever they need was loaded before. */
export async function answerPage(
  document: ReturnType<typeof Page>,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  // Without a document type browsers fall back to quirks mode.
  const text = await html`<!doctype html>${document}`;
  return new Response(text.toString(), { status, headers: { ...HEADERS, ...headers } });
}

/** On an open service nobody has a key, so nobody is named. */
export const isOpen = (actor: Actor): boolean => actor.author === 'anonymous';

export async function actorOf(ctx: Context, c: PageRequest, project: string | null): Promise<Actor> {
  return authenticate(ctx, { key: sessionKey(ctx, c.req.header('cookie')), project });
}

async function visitOf(ctx: Context, c: PageRequest, project: string): Promise<Visit> {
  // A key of another project learns no more than that there is nothing for it here.
  const actor = await actorOf(ctx, c, project);
  return {
    ctx,
    actor,
    project: actor.project,
    links: linksOf(actor.project),
    now: ctx.now(),
    param: (name) => c.req.param(name) ?? '',
    query: (name) => c.req.query(name) ?? null,
  };
}

/** 302: what was asked for by a project's former name, as a link in a message does, is found below its present one. */
function seePresent(c: PageRequest, { overview }: Links): Response {
  const { pathname, search } = new URL(c.req.url);
  const [, , , ...rest] = pathname.split('/');
  const location = [overview, ...rest].join('/') + search;
  return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
}

function answerFailure(
  pages: Pages,
  c: PageRequest,
  given: { error: unknown; project: string | null },
): Promise<Response> {
  const { error, project } = given;
  const id = c.get('requestId');
  const known = isTidemarkError(error)
    ? error
    : (databaseFailure(error) ??
      new TidemarkError('internal', `Something went wrong on our side; the log has it under ${id}.`, { cause: error }));
  const status = pages.statusOf(known);
  if (known.code === 'database-unavailable') {
    pages.ctx.log.warn({ request: id, code: known.code, why: whyAway(known) }, 'page failed');
  } else if (status >= 500) {
    pages.ctx.log.error({ request: id, code: known.code, err: known.cause ?? known }, 'page failed');
  }
  const { pathname, search } = new URL(c.req.url);
  const body =
    known.code === 'unauthenticated' ? (
      <SignInForm next={pathname + search} refused={sessionKey(pages.ctx, c.req.header('cookie')) !== null} />
    ) : (
      <Failure status={status} error={known} />
    );
  const title = known.code === 'unauthenticated' ? 'Sign in' : `${status}`;
  const page = <Page frame={{ section: 'none', title, project, open: false }}>{body}</Page>;
  const seconds = known.retryAfter ?? (status === 503 ? 1 : null);
  return answerPage(page, status, seconds === null ? {} : { 'retry-after': String(Math.ceil(seconds)) });
}

function Failure({ status, error }: { status: number; error: TidemarkError }) {
  return (
    <section class="card empty">
      <p class="faint">{status}</p>
      <h1>{status === 404 ? 'Not here' : 'That did not work'}</h1>
      <p>{error.message}</p>
      <a href="/">Back to the beginning</a>
    </section>
  );
}
