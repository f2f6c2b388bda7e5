import { z } from 'zod';
import { TidemarkError } from '../errors.ts';
import type { Client } from './client.ts';
import { oidsAtRevision } from './git-pointers.ts';
import { beginStorageRun, reportRun } from './storage-run.ts';
import { bytes, type Terminal, table } from './terminal.ts';

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

const named = z.looseObject({
  objects: z.int(),
  bytes: z.int(),
  names: z.array(z.looseObject({ oid: z.string(), size: z.int() })),
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
  freed: named,
  unreferenced: named,
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

const UNITS: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 7 * 86_400, y: 365 * 86_400 };

/** `36h`, `30d`, `8w`, `1y`. */
function secondsOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([hdwy])$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  if (seconds !== undefined) return Number(count) * seconds;
  throw new TidemarkError('bad-request', `"${text}" is no length of time; give one like 36h, 30d, 8w or 1y.`);
}

function textOf(plan: Plan): string {
  const rows = plan.versions.map(({ dataset, ref, bytes: size, action, reasons }) => [
    `${dataset}@${ref}`,
    action,
    bytes(size),
    reasons.map(({ code, detail }) => (detail === '' ? code : `${code} ${detail}`)).join('; '),
  ]);
  const unreferenced = plan.unreferenced.names.map(({ oid, size }) => [oid, bytes(size)]);
  const left = plan.kept + plan.trashed - plan.versions.length;
  return [
    ...(rows.length === 0 ? ['No version is judged: say what to keep, for example --keep-last 10.'] : []),
    ...(rows.length === 0 ? [] : [table([['VERSION', 'ACTION', 'SIZE', 'WHY'], ...rows])]),
    ...(left > 0 ? [`… and ${left} versions more`] : []),
    ...(unreferenced.length === 0 ? [] : [table([['OF NO VERSION', 'SIZE'], ...unreferenced])]),
    `${plan.trashed} of ${plan.kept + plan.trashed} versions would go into the trash, for ${timeOf(plan.trash_seconds)}.`,
    `Emptied, the trash frees ${plan.freed.objects} objects, ${bytes(plan.freed.bytes)}.`,
    `${plan.unreferenced.objects} objects, ${bytes(plan.unreferenced.bytes)}, are of no version.`,
    `${plan.trash.objects} objects, ${bytes(plan.trash.bytes)}, wait to be removed, ${timeOf(plan.grace_seconds)} each.`,
  ].join('\n');
}

const timeOf = (seconds: number): string =>
  seconds >= 172_800 ? `${Math.round(seconds / 86_400)} days` : `${Math.round(seconds / 3600)} hours`;
