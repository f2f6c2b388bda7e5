import { type SQL, sql } from 'drizzle-orm';
import { bigints, texts } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

/** What stands in a lineage. */
type NodeKind = 'dataset_version' | 'model_version' | 'window' | 'alert' | 'run';

/** A node by its row: the id is that of its table, as text. */
export type NodeKey = { readonly kind: NodeKind; readonly id: string };

/** `source` led to `target`. */
export type EdgeRow = { readonly relation: string; readonly source: NodeKey; readonly target: NodeKey };

type Relation = {
  readonly name: string;
  readonly source: NodeKind;
  readonly target: NodeKind;
  /** Rows `(source, target)`. */
  readonly rows: SQL;
};

/** Windows that fed an alert; all the others led to nothing. */
const ALERTING = sql`
  episodes ep
  join episode_events ev on ev.episode_id = ep.id
  join windows w on w.id = ev.window_id
  join reports re on re.id = w.report_id
  join monitor_revisions mr on mr.id = re.monitor_revision_id
  join monitors mo on mo.id = ep.monitor_id`;

const RELATIONS: readonly Relation[] = [
  {
    name: 'derived',
    source: 'dataset_version',
    target: 'dataset_version',
    rows: sql`select p.parent_id as source, p.version_id as target from version_parents p`,
  },
  {
    name: 'trained',
    source: 'dataset_version',
    target: 'model_version',
    rows: sql`select mv.dataset_version_id as source, mv.id as target from model_versions mv`,
  },
  {
    name: 'watched',
    source: 'model_version',
    target: 'window',
    rows: sql`
      select mv.id as source, w.id as target
      from ${ALERTING} join model_versions mv
        on mv.model_id = mo.model_id and mv.dataset_version_id = mr.reference_version_id
      group by mv.id, w.id`,
  },
  {
    // A monitor may be pinned to a version that none of its model's was trained on.
    name: 'judged',
    source: 'dataset_version',
    target: 'window',
    rows: sql`
      select mr.reference_version_id as source, w.id as target
      from ${ALERTING}
      where not exists (
        select from model_versions mv
        where mv.model_id = mo.model_id and mv.dataset_version_id = mr.reference_version_id)
      group by mr.reference_version_id, w.id`,
  },
  {
    name: 'raised',
    source: 'window',
    target: 'alert',
    rows: sql`
      select ev.window_id as source, ev.episode_id as target
      from episode_events ev where ev.window_id is not null group by ev.window_id, ev.episode_id`,
  },
  {
    name: 'started',
    source: 'alert',
    target: 'run',
    rows: sql`select r.episode_id as source, r.id as target from runs r where r.episode_id is not null`,
  },
  {
    name: 'derived',
    source: 'run',
    target: 'dataset_version',
    rows: sql`select r.id as source, r.derived_version_id as target from runs r where r.derived_version_id is not null`,
  },
  {
    name: 'held_out',
    source: 'run',
    target: 'dataset_version',
    rows: sql`select r.id as source, r.evaluation_version_id as target from runs r where r.evaluation_version_id is not null`,
  },
  {
    name: 'produced',
    source: 'run',
    target: 'model_version',
    rows: sql`select r.id as source, r.model_version_id as target from runs r where r.model_version_id is not null`,
  },
];

const NUMBERED: ReadonlySet<NodeKind> = new Set(['dataset_version', 'model_version', 'window']);

/**
 * The edges that lead away from these nodes (`down`) or to them (`up`), at most `limit`, in one statement. Ids come
 * from this project's rows, and no row refers to another project's.
 */
export async function listEdges(
  db: Db,
  nodes: readonly NodeKey[],
  step: { direction: 'up' | 'down'; limit: number },
): Promise<EdgeRow[]> {
  const near = step.direction === 'down' ? 'source' : 'target';
  const parts = RELATIONS.flatMap((relation, i) => {
    const ids = nodes.filter(({ kind }) => kind === relation[near]).map(({ id }) => id);
    if (ids.length === 0) return [];
    const list = NUMBERED.has(relation[near]) ? sql`${bigints(ids.map(Number))}::int8[]` : sql`${texts(ids)}::text[]`;
    return [
      sql`(select ${i}::int as relation, e.source::text as source, e.target::text as target
        from (${relation.rows}) e where e.${sql.raw(near)} = any(${list}))`,
    ];
  });
  if (parts.length === 0) return [];
  const rows = await db.execute<{ relation: number; source: string; target: string }>(
    sql`${sql.join(parts, sql` union all `)} order by relation, source, target limit ${step.limit}`,
  );
  return rows.flatMap(({ relation, source, target }) => {
    const found = RELATIONS[relation];
    if (found === undefined) return [];
    return [
      { relation: found.name, source: { kind: found.source, id: source }, target: { kind: found.target, id: target } },
    ];
  });
}

/** What people know of a node. Members that a kind does not have are null. */
export type NodeRow = NodeKey & {
  readonly at: Date;
  readonly dataset: string | null;
  readonly number: number | null;
  readonly oid: string | null;
  readonly model: string | null;
  readonly name: string | null;
  readonly monitor: string | null;
  readonly start: Date | null;
  readonly end: Date | null;
  readonly report: string | null;
  readonly state: string | null;
};

/** Describes nodes of all kinds, in one statement; in no order. */
export async function describeNodes(db: Db, nodes: readonly NodeKey[]): Promise<NodeRow[]> {
  const numbers = (kind: NodeKind) =>
    sql`${bigints(nodes.filter((node) => node.kind === kind).map(({ id }) => Number(id)))}::int8[]`;
  const names = (kind: NodeKind) =>
    sql`${texts(nodes.filter((node) => node.kind === kind).map(({ id }) => id))}::text[]`;
  const rows = await db.execute<Record<string, string | null>>(sql`
    select 'dataset_version' as kind, v.id::text, v.created_at as at, d.name as dataset, v.number::text, v.oid,
      null as model, null as name, null as monitor, null::timestamptz as start, null::timestamptz as "end",
      null as report, null as state
    from versions v join datasets d on d.id = v.dataset_id where v.id = any(${numbers('dataset_version')})
    union all
    select 'model_version', mv.id::text, mv.created_at, null, mv.number::text, null, m.name, mv.name, null, null, null,
      null, case when m.current_version_id = mv.id then 'in_service' end
    from model_versions mv join models m on m.id = mv.model_id where mv.id = any(${numbers('model_version')})
    union all
    select 'window', w.id::text, w.created_at, null, null, null, m.name, null, mo.name, w.start, w."end", w.report_id,
      w.verdict
    from windows w join monitors mo on mo.id = w.monitor_id join models m on m.id = mo.model_id
    where w.id = any(${numbers('window')})
    union all
    select 'alert', ep.id, ep.created_at, null, null, null, m.name, null, mo.name, ep."from", ep.through, null, ep.state
    from episodes ep join monitors mo on mo.id = ep.monitor_id join models m on m.id = mo.model_id
    where ep.id = any(${names('alert')})
    union all
    select 'run', r.id, r.created_at, null, null, null, m.name, null, null, null, null, null, r.state
    from runs r join models m on m.id = r.model_id where r.id = any(${names('run')})`);
  const date = (text: string | null | undefined): Date | null =>
    text === null || text === undefined ? null : new Date(text);
  return rows.map((row) => ({
    // Written in the statement above.
    kind: row.kind as NodeKind,
    id: row.id ?? '',
    at: date(row.at) ?? new Date(0),
    dataset: row.dataset ?? null,
    number: row.number === null ? null : Number(row.number),
    oid: row.oid ?? null,
    model: row.model ?? null,
    name: row.name ?? null,
    monitor: row.monitor ?? null,
    start: date(row.start),
    end: date(row.end),
    report: row.report ?? null,
    state: row.state ?? null,
  }));
}
