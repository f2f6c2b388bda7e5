import { z } from 'zod';
import type { Context } from '../../context.ts';
import type { Actor } from '../../domain/access/actor.ts';
import type { Alongside, HeldObject } from '../../domain/object/bind-object.ts';
import { putLegacyObject, readLegacyObject } from '../../domain/object/legacy-objects.ts';
import { type OpenableObject, openable, putObject } from '../../domain/object/objects.ts';
import { agentOf, type Pusher } from '../../domain/push/pusher.ts';
import { type Question, questionOf, RemoteQuestions } from '../../domain/push/questions.ts';
import { PushSessions } from '../../domain/push/sessions.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { answerBytes } from '../bytes.ts';
import { clientAddress } from '../client-address.ts';
import { ClientConnections } from '../client-connections.ts';
import { dvcAuthentication, remoteAddressOf } from '../dvc-auth.ts';
import { withPatience } from '../patience.ts';
import { type HttpContext, nodeOf, passingBody } from '../request.ts';
import { type App, type RouteInput, route } from '../route.ts';
import { expectationOf } from '../upload.ts';

/** Longer than it seems: what is read out of it is the whole address, from its end. */
const remoteParams = z.strictObject({ project: z.string() });
const pathParams = z.strictObject({ project: z.string(), path: z.string() });

/** The HTTP remote of the `dvc` command, as it is: DVC knows these addresses by itself. */
export function dvcRoutes(app: App, ctx: Context): void {
  const sessions = new PushSessions(ctx);
  const asking: Asking = {
    questions: new RemoteQuestions(ctx),
    connections: new ClientConnections(() => ctx.now().getTime()),
  };
  app.use('/dvc/*', dvcAuthentication);
  route(
    app,
    {
      id: 'describeDvcRemote',
      method: 'get',
      path: '/dvc/{project}',
      tag: 'dvc',
      summary: 'Ask whether a remote is there, and lets you in',
      scope: 'data:read',
      params: remoteParams,
      answers: { 200: { description: 'It is, and does', schema: null, mediaType: 'text/plain' } },
    },
    (input) => greet(asking, input),
  );
  route(
    app,
    {
      id: 'getDvcObject',
      method: 'get',
      path: '/dvc/{project}/{path*}',
      tag: 'dvc',
      summary: 'Fetch an object by its path in a DVC remote',
      description:
        'The path is `files/md5/ab/cdef…` or, of DVC 2, `ab/cdef…`, with the name of a dataset before it or without. ' +
        'A folder of which a file is corrupt or lost is not there. With the name of a dataset, a client that may push ' +
        'is told that what only others have is not there, so that it sends it; whoever reads gets it.',
      scope: 'data:read',
      params: pathParams,
      answers: {
        200: { description: 'The bytes', schema: null, mediaType: 'application/octet-stream' },
        206: { description: 'A range of them', schema: null, mediaType: 'application/octet-stream' },
        304: { description: 'They are what you have', schema: null },
      },
    },
    (input) => send(asking, input),
  );
  for (const method of ['put', 'post'] as const) {
    route(
      app,
      {
        id: method === 'put' ? 'putDvcObject' : 'postDvcObject',
        method,
        path: '/dvc/{project}/{path*}',
        tag: 'dvc',
        summary: 'Send an object to its path in a DVC remote',
        description: 'The reason phrase of the answer says what is wrong: `dvc` shows nothing else.',
        scope: 'data:write',
        params: pathParams,
        raw: { mediaTypes: ['application/octet-stream'], description: "The object's bytes" },
        answers: {
          200: { description: 'It was held', schema: null },
          201: { description: 'It is held now', schema: null },
        },
      },
      (input) => receive({ sessions, questions: asking.questions }, input),
    );
  }
}

type Input = RouteInput<typeof pathParams, undefined, undefined>;

type Asking = { readonly questions: RemoteQuestions; readonly connections: ClientConnections };

/** A GET of a remote itself, or of where its objects lie: `dvc` begins to fetch with it. */
async function greet(asking: Asking, { c, ctx, actor }: Pick<Input, 'c' | 'ctx' | 'actor'>): Promise<Response> {
  const asker = pusherOf(c, actor, remoteAddressOf(c).dataset ?? '');
  follow(asking, c, asker);
  await asking.questions.reads(asker);
  return welcome({ c, ctx }, actor);
}

/** Has the client's end noticed, so that what asks after it is not taken for it. */
function follow({ questions, connections }: Asking, c: HttpContext, asker: Pusher): void {
  const { incoming, outgoing } = nodeOf(c);
  if (incoming === undefined || outgoing === undefined || asker.dataset === '') return;
  connections.follow(JSON.stringify(asker), c.req.path, { incoming, outgoing }, () => questions.ended(asker));
}

function welcome({ c, ctx }: Pick<Input, 'c' | 'ctx'>, { project }: Actor): Response {
  const { dataset } = remoteAddressOf(c);
  const what =
    dataset === null ? 'What is pushed here is kept' : `What is pushed here becomes versions of "${dataset}"`;
  // A proxy may have taken off what the address of the service begins with.
  const address = ctx.config.publicUrl === undefined ? c.req.url : ctx.publicUrl() + c.req.path;
  const text = `A DVC remote of the project "${project}". ${what}.\nUse it: dvc remote add --default tidemark ${address}\n`;
  return new Response(text, { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

/**
 * `dvc` asks whether an object exists by fetching it, and closes the connection on what it does not want to read. A
 * small object is sent at once instead when it is near at hand, which keeps the connection, or when the client is
 * known to want it. For a client that fetches, all is judged before the head leaves: of two files that `dvc` 3.67
 * fetches it keeps the beginning of the second when that breaks off, and takes it for the file from then on.
 */
async function send(asking: Asking, input: Input): Promise<Response> {
  const { c, ctx, actor } = input;
  const { questions } = asking;
  const { object, dataset } = remoteAddressOf(c);
  if (object === null) return greet(asking, input);
  const asker = pusherOf(c, actor, dataset ?? '');
  follow(asking, c, asker);
  const manner = mannerOf(c);
  const found = await find(input, object).catch(async (error: unknown) => {
    if (dataset !== null && isAbsence(error)) await questions.missed(asker, { ...object, manner });
    throw error;
  });
  const { row, open, gzip } = found;
  const admitted = dataset !== null && (await questions.admit(asker, actor, questionOf(object, row, manner)));
  const reads = admitted || (found.whole === null && (await questions.isReader(asker)));
  const whole = found.near || reads ? found.whole : null;
  if (reads && whole === null) {
    nodeOf(c).outgoing?.once('close', () => questions.finished(asker));
    if (manner === 'whole') await withPatience(c, found.prove(ctx.now()));
  }
  return answerBytes(
    c,
    { etag: row.oid, size: row.size, name: object.oid, open, whole, gzip },
    { headFirst: whole === null },
  );
}

/** `dvc` asks for what its encodings leave as it is only where a HEAD has failed. */
function mannerOf(c: HttpContext): Question['manner'] {
  const whole =
    c.req.method === 'GET' && c.req.header('range') === undefined && c.req.header('accept-encoding') !== 'identity';
  return whole ? 'whole' : 'part';
}

type Named = NonNullable<ReturnType<typeof remoteAddressOf>['object']>;

async function find({ c, ctx, actor }: Input, object: Named): Promise<OpenableObject> {
  if (object.layout === 'legacy') return readLegacyObject(ctx, actor, object.oid);
  return openable(ctx, actor, object.oid, c.get('asked') ?? null);
}

const isAbsence = (error: unknown): boolean =>
  isTidemarkError(error, 'not-found') || isTidemarkError(error, 'object-corrupt');

type Receiving = { readonly sessions: PushSessions; readonly questions: RemoteQuestions };

async function receive({ sessions, questions }: Receiving, { c, ctx, actor }: Input) {
  const { object, dataset } = remoteAddressOf(c);
  if (object === null) throw new TidemarkError('bad-path', 'Only objects can be sent to a DVC remote.');
  const expect = expectationOf(c, {});
  const source = passingBody(c);
  // Where there is no dataset nothing becomes a version: only commits, which nobody here reads, name what is sent.
  const origin = dataset === null ? 'pushed' : 'received';
  const put = (alongside?: Alongside): Promise<HeldObject> =>
    object.layout === 'legacy'
      ? putLegacyObject(ctx, actor, { name: object.oid, source, expect, alongside, origin })
      : putObject(ctx, actor, { oid: object.oid, source, expect, alongside, origin });
  const sent = { layout: object.layout, name: object.oid };
  const follow = async (pusher: Pusher): Promise<HeldObject> => {
    await questions.sends(pusher, object.oid);
    return sessions.follow(pusher, sent, put);
  };
  const work = dataset === null ? put() : follow(pusherOf(c, actor, dataset));
  const { oid, existed } = await withPatience(c, work);
  return { status: existed ? 200 : 201, body: null, headers: { etag: `"${oid}"` } };
}

function pusherOf(c: HttpContext, actor: Actor, dataset: string): Pusher {
  const agent = agentOf(c.req.header('user-agent'));
  return { projectId: actor.projectId, dataset, author: actor.author, address: clientAddress(c), agent };
}
