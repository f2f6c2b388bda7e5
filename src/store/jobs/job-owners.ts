import { type SQL, sql } from 'drizzle-orm';

/** Whose work a job is, from what its payload names: expressions for the statement that enqueues it. */

/** The project of what a payload names, by the name of that member. */
const PROJECTS: Readonly<Record<string, (id: unknown) => SQL>> = {
  projectId: (id) => sql`${id}::int`,
  modelId: (id) => sql`(select project_id from models where id = ${id}::int8)`,
  windowId: (id) => sql`(select project_id from windows where id = ${id}::int8)`,
  monitorId: (id) => sql`(select project_id from monitors where id = ${id}::int8)`,
  revisionId: (id) =>
    sql`(select m.project_id from monitor_revisions r join monitors m on m.id = r.monitor_id where r.id = ${id}::int8)`,
  versionId: (id) => sql`(select project_id from versions where id = ${id}::int8)`,
  pushId: (id) => sql`(select project_id from push_sessions where id = ${id})`,
  runId: (id) => sql`(select project_id from runs where id = ${id})`,
  policyId: (id) => sql`(select project_id from policies where id = ${id})`,
  selectionId: (id) => sql`(select project_id from prediction_selections where id = ${id})`,
  endpointId: (id) => sql`(select project_id from endpoints where id = ${id})`,
  eventId: (id) =>
    sql`(select r.project_id from registry_events e join registries r on r.id = e.registry_id where e.id = ${id}::int8)`,
};

const MONITORS: Readonly<Record<string, (id: unknown) => SQL>> = {
  monitorId: (id) => sql`${id}::int8`,
  windowId: (id) => sql`(select monitor_id from windows where id = ${id}::int8)`,
  revisionId: (id) => sql`(select monitor_id from monitor_revisions where id = ${id}::int8)`,
};

/** Whether the window `w` lies in the past: what ended within its own length and a day is of today. */
export const LONG_AGO = sql`w."end" < now() - (w."end" - w.start) - interval '1 day'`;

const BACKFILLS: Readonly<Record<string, (id: unknown) => SQL>> = {
  windowId: (id) => sql`(select ${LONG_AGO} from windows w where w.id = ${id}::int8)`,
};

/** What the first of these that a payload has tells; `none` where it has none, or names what is gone. */
function told(payload: object, by: Readonly<Record<string, (id: unknown) => SQL>>, none: SQL): SQL {
  const members: Readonly<Record<string, unknown>> = { ...payload };
  for (const [name, tells] of Object.entries(by)) {
    if (members[name] !== undefined) return sql`coalesce(${tells(members[name])}, ${none})`;
  }
  return none;
}

const NOBODY = sql`0`;

export const projectOf = (payload: object): SQL => told(payload, PROJECTS, NOBODY);
export const monitorOf = (payload: object): SQL => told(payload, MONITORS, NOBODY);
export const isBackfill = (payload: object): SQL => told(payload, BACKFILLS, sql`false`);
