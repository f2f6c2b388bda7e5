import type { z } from 'zod';
import { compareQuery, compareRequest, tableComparison } from '../../../schemas/wire/compare.ts';
import { computationParams, computationView } from '../../../schemas/wire/computations.ts';
import { measureList } from '../../../schemas/wire/measures.ts';
import { compareUpload } from '../../domain/comparison/compare-upload.ts';
import { compareVersions } from '../../domain/comparison/compare-versions.ts';
import { readComputation } from '../../domain/computation/read.ts';
import { measureCatalogue } from '../../domain/configuration/measure-catalogue.ts';
import { TidemarkError } from '../../errors.ts';
import { announcedBytes, passingBody, readJson } from '../request.ts';
import { type Answer, type App, parsePart, type RouteInput, route } from '../route.ts';
import { refuseWrapped } from '../upload.ts';
import { answerBegun, viewComputation } from '../views/computations.ts';

/** For routes that answer at once or later. */
export const BEGUN = {
  description: 'It is large: a worker finds it out. Location says how far it is; then the same request answers 200',
  schema: computationView,
};

/** One table judged against another, by what measures, and what takes longer than a request. */
export function comparisonRoutes(app: App): void {
  route(
    app,
    {
      id: 'compareTables',
      method: 'post',
      path: '/v1/compare',
      tag: 'versions',
      summary: 'Judge one table against another',
      description:
        'Two versions, named in JSON; or, with `?reference=census@v3&path=today.csv`, a version and the file in the ' +
        'body, which is not kept. The answer is what `tidemark compare` prints: it is computed from the bytes of ' +
        'both. Two versions that are large are compared by a worker, once however often it is asked.',
      scope: 'data:read',
      query: compareQuery,
      raw: { mediaTypes: ['application/octet-stream'], description: 'The current table', json: compareRequest },
      answers: { 200: { description: 'The comparison', schema: tableComparison }, 202: BEGUN },
    },
    (input) => (input.query.path === undefined ? compareNamed(input) : compareSent(input)),
  );

  route(
    app,
    {
      id: 'listMeasures',
      method: 'get',
      path: '/v1/measures',
      tag: 'versions',
      summary: 'List the measures that comparisons and monitors may be told to take',
      description: 'What `measures` and `effects` name. The list is part of the release, and comes whole.',
      scope: 'data:read',
      answers: { 200: { description: 'The measures', schema: measureList } },
    },
    () => Promise.resolve({ status: 200, body: { items: measureCatalogue(), next: null } }),
  );

  route(
    app,
    {
      id: 'getComputation',
      method: 'get',
      path: '/v1/computations/{computation}',
      tag: 'versions',
      summary: 'How far a computation is, and its result',
      description: 'It is kept for a week.',
      scope: 'data:read',
      params: computationParams,
      answers: { 200: { description: 'The computation', schema: computationView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewComputation(ctx.publicUrl(), await readComputation(ctx, actor, params.computation)),
    }),
  );
}

type Input = RouteInput<undefined, typeof compareQuery, undefined>;

async function compareNamed({ c, ctx, actor, query }: Input): Promise<Answer> {
  const [stray] = Object.keys(query);
  if (stray !== undefined) {
    throw new TidemarkError(
      'bad-request',
      `"${stray}" in the query is for a table in the body, which also takes "?path=today.csv"; for two versions it stands in the JSON.`,
    );
  }
  const { reference, current, ...wishes } = parsePart(
    compareRequest,
    await readJson(c, ctx.config.limits.bodyBytes),
    'body',
  );
  const found = await compareVersions(ctx, actor, { reference, current, wishes });
  return 'begun' in found ? answerBegun(ctx.publicUrl(), found.begun) : { status: 200, body: found.answer };
}

async function compareSent({ c, ctx, actor, query }: Input): Promise<Answer> {
  refuseWrapped(c);
  const { reference, path = '', ...wishes }: z.output<typeof compareQuery> = query;
  if (reference === undefined) {
    throw new TidemarkError('bad-request', 'Name the version that the table is held against: "?reference=census@v3".');
  }
  const table = { path, source: passingBody(c), announced: announcedBytes(c) };
  return { status: 200, body: await compareUpload(ctx, actor, { reference, table, wishes }) };
}
