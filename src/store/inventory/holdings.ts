import { sql } from 'drizzle-orm';
import type { Db } from '../postgres/db.ts';

/** What a project holds, for whoever chooses one. */
export type HoldingsRow = {
  readonly project: string;
  readonly datasets: number;
  readonly models: number;
  /** Alerts that are not resolved and have fired. */
  readonly firing: number;
};

/** Bytes of all objects that a project has bound, each once. */
export async function sumObjectBytes(db: Db, projectId: number): Promise<number> {
  const rows = await db.execute<{ bytes: string }>(
    sql`select coalesce(sum(size), 0)::text as bytes from objects where project_id = ${projectId}`,
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** Whether any project has bound an object. */
export async function holdsObjects(db: Db): Promise<boolean> {
  const rows = await db.execute<{ held: boolean }>(sql`select exists (select 1 from objects) as held`);
  return rows[0]?.held === true;
}

export async function countHoldings(db: Db, projectIds: readonly number[]): Promise<HoldingsRow[]> {
  const ids = sql.join(
    projectIds.map((id) => sql`${id}`),
    sql`, `,
  );
  if (projectIds.length === 0) return [];
  const rows = await db.execute<HoldingsRow>(sql`
    select p.name as project,
      (select count(*) from datasets d where d.project_id = p.id)::int as datasets,
      (select count(*) from models m where m.project_id = p.id)::int as models,
      (select count(*) from episodes e where e.project_id = p.id and e.state in ('firing', 'no_data', 'error', 'recovering'))::int as firing
    from projects p where p.id in (${ids}) order by p.name`);
  return [...rows];
}
