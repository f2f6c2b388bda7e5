import type { Sql, TransactionSql } from 'postgres';

/**
 * Plays two transactions: `change` is made and not committed until `work` is over or waits for a lock of it. Nothing else
 * may wait in this database.
 */
export async function meanwhile<T>(
  sql: Sql,
  change: (tx: TransactionSql) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  let over = false;
  const { doing } = await sql.begin(async (tx) => {
    await change(tx);
    const begun = work().finally(() => {
      over = true;
    });
    // It may fail before anybody looks.
    begun.catch(() => {});
    const waiting = () =>
      sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    while (!over && (await waiting()).length === 0);
    return { doing: begun };
  });
  return doing;
}
