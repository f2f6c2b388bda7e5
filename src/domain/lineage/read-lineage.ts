import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findEpisode } from '../../store/alert/alerts.ts';
import { describeNodes, type EdgeRow, listEdges, type NodeKey, type NodeRow } from '../../store/dataset/lineage.ts';
import { listModelVersions } from '../../store/monitor/models.ts';
import { findReport } from '../../store/monitor/reports.ts';
import type { Db } from '../../store/postgres/db.ts';
import { findRun } from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveVersion } from '../dataset/resolve.ts';
import { resolveModel } from '../model/resolve.ts';

/** What a lineage is asked of. */
export type LineageStart =
  | { readonly kind: 'dataset_version'; readonly dataset: string; readonly ref: string }
  /** Without a version it is the one in service. */
  | { readonly kind: 'model_version'; readonly model: string; readonly version?: string | undefined }
  | { readonly kind: 'report' | 'alert' | 'run'; readonly id: string };

export type LineageRequest = {
  readonly start: LineageStart;
  /** `up`: what led to it; `down`: what it led to. */
  readonly direction: 'up' | 'down' | 'both';
  /** Steps away from the start. */
  readonly depth: number;
  /** Nodes in all. */
  readonly limit: number;
};

export type Lineage = {
  readonly start: NodeKey;
  /** By kind and age; the start is one of them. */
  readonly nodes: readonly NodeRow[];
  /** Between these nodes alone, in their order. */
  readonly edges: readonly EdgeRow[];
  /** There is more than the depth or the limit let through. */
  readonly truncated: boolean;
};

/**
 * What led to something and what it led to: dataset version → model version → window → alert → run → dataset
 * version. Ancestors and descendants, not their other relatives. Windows are those that fed an alert.
 * @throws TidemarkError `not-found`.
 */
export async function readLineage(ctx: Pick<Context, 'db'>, actor: Actor, request: LineageRequest): Promise<Lineage> {
  requireScope(actor, 'data:read');
  const start = await startOf(ctx.db, actor.projectId, request.start);
  const walk = new Walk(start, request.limit);
  if (request.direction !== 'down') await follow(ctx.db, walk, { ...request, start, direction: 'up' });
  if (request.direction !== 'up') await follow(ctx.db, walk, { ...request, start, direction: 'down' });
  const nodes = (await describeNodes(ctx.db, [...walk.nodes.values()])).toSorted(byKind);
  const places = new Map(nodes.map((node, i) => [keyOf(node), i]));
  const place = (node: NodeKey): number => places.get(keyOf(node)) ?? -1;
  const edges = [...walk.edges.values()]
    .filter(({ source, target }) => place(source) >= 0 && place(target) >= 0)
    .toSorted((a, b) => place(a.source) - place(b.source) || place(a.target) - place(b.target));
  return { start, nodes, edges, truncated: walk.truncated };
}

const keyOf = ({ kind, id }: NodeKey): string => `${kind}:${id}`;

const KINDS: readonly NodeKey['kind'][] = ['dataset_version', 'model_version', 'window', 'alert', 'run'];
const byKind = (a: NodeRow, b: NodeRow): number =>
  KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
  a.at.getTime() - b.at.getTime() ||
  a.id.length - b.id.length ||
  (a.id < b.id ? -1 : 1);

/** Nodes and edges found so far, each once. */
class Walk {
  readonly nodes = new Map<string, NodeKey>();
  readonly edges = new Map<string, EdgeRow>();
  truncated = false;
  readonly #limit: number;

  constructor(start: NodeKey, limit: number) {
    this.#limit = limit;
    this.nodes.set(keyOf(start), start);
  }

  /** Takes in an edge that was followed to `far`; true when that node is new. */
  add(edge: EdgeRow, far: NodeKey): boolean {
    const known = this.nodes.has(keyOf(far));
    if (!known && this.nodes.size >= this.#limit) {
      this.truncated = true;
      return false;
    }
    this.nodes.set(keyOf(far), far);
    this.edges.set(`${edge.relation} ${keyOf(edge.source)} ${keyOf(edge.target)}`, edge);
    return !known;
  }
}

/** Edges that one step may bring: a loop of retraining has few, and no step grows without bound. */
const EDGES_AT_ONCE = 5000;

type Following = { readonly start: NodeKey; readonly direction: 'up' | 'down'; readonly depth: number };

async function follow(db: Db, walk: Walk, { start, direction, depth }: Following): Promise<void> {
  let frontier: NodeKey[] = [start];
  // Nodes of the other direction do not stop this one, so it keeps its own list.
  const seen = new Set([keyOf(start)]);
  for (let step = 0; frontier.length > 0; step++) {
    const edges = await listEdges(db, frontier, { direction, limit: EDGES_AT_ONCE });
    if (edges.length === EDGES_AT_ONCE) walk.truncated = true;
    if (step === depth) {
      walk.truncated ||= edges.length > 0;
      return;
    }
    const next: NodeKey[] = [];
    for (const edge of edges) {
      const far = direction === 'down' ? edge.target : edge.source;
      walk.add(edge, far);
      if (seen.has(keyOf(far)) || !walk.nodes.has(keyOf(far))) continue;
      seen.add(keyOf(far));
      next.push(far);
    }
    frontier = next;
  }
}

async function startOf(db: Db, projectId: number, start: LineageStart): Promise<NodeKey> {
  if (start.kind === 'dataset_version') {
    const version = await resolveVersion(db, projectId, start.dataset, start.ref);
    return { kind: start.kind, id: String(version.id) };
  }
  if (start.kind === 'model_version') return modelVersionOf(db, projectId, start);
  const id = start.id;
  if (start.kind === 'report') {
    const report = await findReport(db, projectId, id);
    if (report !== null) return { kind: 'window', id: String(report.windowId) };
  } else {
    const row = start.kind === 'run' ? await findRun(db, projectId, id) : await findEpisode(db, projectId, id);
    if (row !== null) return { kind: start.kind, id };
  }
  throw new TidemarkError('not-found', `There is no ${start.kind} "${id.slice(0, 100)}".`);
}

async function modelVersionOf(
  db: Db,
  projectId: number,
  given: { model: string; version?: string | undefined },
): Promise<NodeKey> {
  const model = await resolveModel(db, projectId, given.model);
  const versions = await listModelVersions(db, model.id);
  const found = versions.find(({ id, name }) =>
    given.version === undefined ? id === model.currentVersionId : name === given.version,
  );
  if (found !== undefined) return { kind: 'model_version', id: String(found.id) };
  const names = versions.slice(-10).map(({ name }) => name);
  const hint = names.length === 0 ? 'it has none yet' : `known: ${names.join(', ')}`;
  throw new TidemarkError(
    'not-found',
    `The model "${model.name}" has no version ${given.version === undefined ? 'in service' : `"${given.version.slice(0, 100)}"`} (${hint}).`,
  );
}
