import { z } from 'zod';
import { projectDetailsView, projectView } from '../../../schemas/wire/access.ts';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { bytes, printable, type Terminal, table } from '../terminal/terminal.ts';

// A newer service may say more than this client knows.
const project = z.looseObject(projectView.shape);
const details = z.looseObject({
  ...projectDetailsView.shape,
  holds: z.looseObject(projectDetailsView.shape.holds.shape),
});

type Details = z.output<typeof details>;

const pathOf = (name: string): string => `/v1/projects/${encodeURIComponent(name)}`;

/** Lists the projects, or those that were deleted and can be restored. */
export async function listProjects(
  client: Client,
  terminal: Terminal,
  options: { readonly deleted: boolean },
): Promise<void> {
  const path = options.deleted ? '/v1/projects?deleted=true' : '/v1/projects';
  const { items } = await client.call(z.looseObject({ items: z.array(project) }), 'GET', path);
  terminal.result({ items }, () => {
    if (items.length === 0)
      return options.deleted ? 'No deleted project can be restored.' : 'No project is yours to see.';
    if (!options.deleted)
      return table([['PROJECT', 'MADE'], ...items.map((row) => [row.name, pointInTime(row.created_at)])]);
    const header = ['PROJECT', 'DELETED', 'BY', 'RESTORABLE UNTIL'];
    const lineOf = (row: z.output<typeof project>): string[] => [
      row.name,
      row.deleted_at === null ? '' : pointInTime(row.deleted_at),
      row.deleted_by ?? '',
      row.restorable_until === null ? 'it is being erased' : pointInTime(row.restorable_until),
    ];
    return table([header, ...items.map(lineOf)]);
  });
}

/** Makes a project unless it exists. */
export async function makeProject(client: Client, terminal: Terminal, name: string): Promise<void> {
  const made = await client.call(project, 'POST', '/v1/projects', { json: { name } });
  terminal.result(made, () => printable(`${made.name} is there; its keys: tidemark keys make NAME --for ${made.name}`));
}

/** Shows what a project holds. */
export async function showProject(client: Client, terminal: Terminal, name: string): Promise<void> {
  const shown = await client.call(details, 'GET', pathOf(name));
  terminal.result(shown, () => textOf(shown));
}

export type RemoveOptions = {
  readonly confirm?: string | undefined;
  /** Seconds. */
  readonly undoFor?: number | undefined;
};

/** Deletes a project whose name was said twice; said once, tells what would be deleted. */
export async function removeProject(
  client: Client,
  terminal: Terminal,
  given: { readonly name: string; readonly options: RemoveOptions },
): Promise<void> {
  const { name, options } = given;
  const query = new URLSearchParams();
  if (options.undoFor !== undefined) query.set('undo_seconds', String(options.undoFor));
  if (options.confirm === undefined) query.set('dry_run', 'true');
  else query.set('confirm', options.confirm);
  const gone = await client.call(details, 'DELETE', `${pathOf(name)}?${query.toString()}`);
  terminal.result(gone, () => {
    if (options.confirm === undefined) {
      return `${textOf(gone)}\nNothing was deleted. To delete all this: tidemark projects rm ${name} --confirm ${name}`;
    }
    if (gone.restorable_until === null) return `${name} is being erased.`;
    return `${name} is deleted, and erased at ${pointInTime(gone.restorable_until)}; until then: tidemark projects restore ${name}`;
  });
}

/** Calls a project otherwise. */
export async function renameProject(
  client: Client,
  terminal: Terminal,
  { name, to }: { readonly name: string; readonly to: string },
): Promise<void> {
  const renamed = await client.call(details, 'PATCH', pathOf(name), { json: { name: to } });
  const former = renamed.former_names.join(', ');
  terminal.result(renamed, () =>
    printable(
      former === '' ? `It is called ${renamed.name}.` : `It is called ${renamed.name}, and found as ${former} too.`,
    ),
  );
}

/** Takes a deleted project back, as it was. */
export async function restoreProject(client: Client, terminal: Terminal, name: string): Promise<void> {
  const back = await client.call(details, 'POST', `${pathOf(name)}/restore`);
  terminal.result(back, () => printable(`${back.name} is there again.`));
}

function textOf({ name, deleted_at, restorable_until, holds }: Details): string {
  const state =
    deleted_at === null
      ? name
      : `${name}, deleted at ${pointInTime(deleted_at)}, ${restorable_until === null ? 'is being erased' : `restorable until ${pointInTime(restorable_until)}`}`;
  const lines: (readonly [string, string])[] = [
    ['datasets', `${holds.datasets}, versions: ${holds.versions}`],
    ['objects', `${holds.objects}, ${bytes(holds.bytes)}, ${bytes(holds.own_bytes)} of them in no other project`],
    ['models', `${holds.models}, logged rows: ${holds.logged_rows}`],
    ['monitors', `${holds.monitors}, open alerts: ${holds.open_alerts}`],
    ['policies', `${holds.policies}, runs under way: ${holds.living_runs}`],
    ['webhooks', `${holds.webhooks}, messages to deliver: ${holds.pending_messages}`],
    ['registries', String(holds.registries)],
    ['keys', String(holds.keys)],
    ['jobs', String(holds.jobs)],
  ];
  return `${printable(state)}\n${table(lines.map(([what, text]) => [what, text]))}`;
}
