import { z } from 'zod';
import type { Client } from '../client/client.ts';
import { oidsAtRevision } from '../dvc/git-pointers.ts';
import { secondsOf, timeOf } from '../terminal/length-of-time.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { bytes, printable, type Terminal, table } from '../terminal/terminal.ts';
import { beginStorageRun, reportRun } from './storage-run.ts';

export type GcOptions = {
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly dataset?: string;
  readonly keepLast?: number;
  readonly keepWithin?: string;
  readonly keepDaily?: number;
  readonly keepTag?: readonly string[];
  readonly keepGit?: readonly string[];
  readonly rules: boolean;
  readonly unreferenced: boolean;
  readonly pushed: boolean;
  readonly scanned: boolean;
};

const totals = { objects: z.int(), bytes: z.int() };
const name = { oid: z.string(), size: z.int() };

const known = z.looseObject({
  ...name,
  origin: z.string(),
  received_at: z.string(),
  pushed_by: z.string().nullable(),
  dataset: z.string().nullable(),
  version: z.string().nullable(),
  path: z.string().nullable(),
});

const planShape = z.looseObject({
  versions: z.array(
    z.looseObject({
      dataset: z.string(),
      ref: z.string(),
      oid: z.string(),
      bytes: z.int(),
      action: z.string(),
      reasons: z.array(z.looseObject({ code: z.string(), detail: z.string() })),
    }),
  ),
  kept: z.int(),
  trashed: z.int(),
  freed: z.looseObject({ ...totals, names: z.array(z.looseObject(name)) }),
  unreferenced: z.looseObject({ ...totals, names: z.array(known) }),
  trash: z.looseObject({ objects: z.int(), bytes: z.int() }),
  trash_seconds: z.int(),
  grace_seconds: z.int(),
});

type Plan = z.infer<typeof planShape>;

/** Deletes what nothing needs and no rule keeps, or says with `--dry-run` what that would be. @returns 0. */
export async function gc(client: Client, terminal: Terminal, options: GcOptions): Promise<number> {
  const body = await requestOf(options);
  if (options.dryRun) {
    const plan = await client.call(planShape, 'POST', '/v1/gc/plan', { json: body });
    terminal.result(plan, () => textOf(plan));
    return 0;
  }
  const run = await beginStorageRun(client, terminal, { path: '/v1/gc', body, detach: options.detach });
  return reportRun(client, terminal, run);
}

async function requestOf(options: GcOptions) {
  const { dataset, keepLast, keepWithin, keepDaily, keepTag, keepGit = [], rules, pushed, scanned } = options;
  const revisions = await Promise.all(keepGit.map((revision) => oidsAtRevision(process.cwd(), revision)));
  const keep = {
    last: keepLast,
    within_seconds: keepWithin === undefined ? undefined : secondsOf(keepWithin),
    daily: keepDaily,
    tags: keepTag,
    git_revs: keepGit.length === 0 ? undefined : revisions.map(({ commit }) => commit),
    oids: keepGit.length === 0 ? undefined : revisions.flatMap(({ oids }) => oids),
  };
  const judged = Object.values(keep).some((rule) => rule !== undefined);
  const unreferenced = options.unreferenced && dataset === undefined;
  return { dataset, rules, unreferenced, pushed, scanned, ...(judged ? { keep } : {}) };
}

/** `churn@v3 train.csv` of a version that is gone, or the dataset that it was pushed to. */
const usedAs = ({ dataset, version, path }: z.infer<typeof known>): string =>
  [dataset === null || version === null ? dataset : `${dataset}@${version}`, path].filter(Boolean).join(' ');

/** Why a version stays, in the words of the other verbs. */
function reasonText({ code, detail }: Plan['versions'][number]['reasons'][number]): string {
  if (code === 'newest') return detail;
  if (code === 'report') return `${detail} reports`;
  if (code === 'reference') return `monitor ${detail}`;
  const said = `${code} ${detail}`.trim();
  return said.replace(/(?<=\bkeep-within )(\d+) s$/, (_, seconds: string) => timeOf(Number(seconds)));
}

function textOf(plan: Plan): string {
  const rows = plan.versions.map(({ dataset, ref, bytes: size, action, reasons }) => [
    `${dataset}@${ref}`,
    action,
    bytes(size),
    reasons.map(reasonText).join('; '),
  ]);
  const unreferenced = plan.unreferenced.names.map((object) => [
    object.oid,
    bytes(object.size),
    pointInTime(object.received_at),
    object.pushed_by ?? object.origin,
    printable(usedAs(object)),
  ]);
  const left = plan.kept + plan.trashed - plan.versions.length;
  return [
    ...(rows.length === 0 ? ['No version is judged: say what to keep, for example --keep-last 10.'] : []),
    ...(rows.length === 0 ? [] : [table([['VERSION', 'ACTION', 'SIZE', 'WHY'], ...rows])]),
    ...(left > 0 ? [`… and ${left} versions more`] : []),
    ...(unreferenced.length === 0 ? [] : [table([['OF NO VERSION', 'SIZE', 'CAME', 'BY', 'FOR'], ...unreferenced])]),
    `${plan.trashed} of ${plan.kept + plan.trashed} versions would go into the trash, for ${timeOf(plan.trash_seconds)}.`,
    `Emptied, the trash frees ${plan.freed.objects} objects, ${bytes(plan.freed.bytes)}.`,
    `${plan.unreferenced.objects} objects, ${bytes(plan.unreferenced.bytes)}, are of no version.`,
    `${plan.trash.objects} objects, ${bytes(plan.trash.bytes)}, wait to be removed, ${timeOf(plan.grace_seconds)} each.`,
  ].join('\n');
}
