import { listSettledPredictions } from '../../store/log/batches.ts';
import { droppedWithin } from '../../store/log/log-retention.ts';
import { findAdoptedBefore } from '../../store/monitor/calibrations.ts';
import { findMonitorByName, presentRevision } from '../../store/monitor/monitors.ts';
import { findWindow, listEarlierWindows, listWindowsAt, type WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import {
  type AdoptedChange,
  type Choice,
  chooseSameTime,
  chooseTrailing,
  type EarlierWindow,
  renewedBy,
  sameTimeStarts,
} from '../configuration/reference-rule.ts';
import { windowingOf } from '../window/windowing.ts';
import type { WindowBatch } from './batch-files.ts';

/** Rows of windows that another window is compared with. */
export type ReferenceRows = {
  readonly windows: readonly { readonly start: number; readonly end: number; readonly rows: number }[];
  readonly batches: readonly WindowBatch[];
  /** So many windows were there where a verdict takes more of them: there are none here then. */
  readonly lacking?: { readonly found: number; readonly needed: number };
  /** How many of them had drifted, in a change that lasted so long that it is taken for what is normal; absent: none. */
  readonly adopted?: number;
};

/** What a window is compared with besides or instead of its pinned version. */
export type References = {
  /** Null: the pinned version. */
  readonly rows: ReferenceRows | null;
  /** The window before, where the configuration asks for it too, with its own verdict; null where there is none. */
  readonly previous: (ReferenceRows & { readonly verdict: string | null }) | null;
  /** The change that has become what is normal for the rows; null or absent: none has. */
  readonly change?: AdoptedChange | null;
};

/** What has to happen before it is known what a window is compared with. */
type ReferenceWait = { readonly start: number; readonly end: number; readonly whose: string };

export type Resolved = References | { readonly waitingFor: ReferenceWait };

export const PINNED: References = { rows: null, previous: null };

/** The windows that may be compared with. */
export type WindowLookup = {
  /** Those that ended by a point in time, newest first. */
  readonly endedBy: (time: number) => Promise<readonly EarlierWindow[]>;
  /** Those that begin at these points in time, newest first. */
  readonly at: (starts: readonly number[]) => Promise<readonly EarlierWindow[]>;
  /** The newest change that lasted by a point in time, where `endedBy` may not reach back to it; null: it does. */
  readonly changeBefore: (time: number) => Promise<AdoptedChange | null>;
};

export type ReferenceQuestion = {
  readonly projectId: number;
  readonly modelId: number;
  /** The monitor's name, to speak of it. */
  readonly whose: string;
  readonly window: { readonly start: Date; readonly end: Date };
  readonly config: MonitorConfig;
  /** Batches of the model settled up to here count. */
  readonly through: number;
  readonly lookup: WindowLookup;
};

/** Further back than this no window is looked for; a change is, as limits were made of it. */
const LOOKED_AT = 1000;

/** The windows of a monitor, as they stand. */
export const storedWindows = (db: Db, monitorId: number): WindowLookup => ({
  endedBy: async (time) => (await listEarlierWindows(db, monitorId, new Date(time), LOOKED_AT)).map(earlier),
  at: async (starts) => (await listWindowsAt(db, monitorId, starts)).map(earlier),
  changeBefore: (time) => findAdoptedBefore(db, monitorId, time),
});

/** The rows to compare a window with. They are fixed here: a report names them, and keeps them when they change later. */
export async function resolveReferences(db: Db, question: ReferenceQuestion): Promise<Resolved> {
  const { config, modelId, through, whose } = question;
  const rule = config.reference;
  if (rule === undefined && config.compare_previous !== true) return PINNED;
  if (rule?.kind === 'model') return otherModel(db, question, rule);
  const choice = rule === undefined ? null : await choose(question, rule);
  if (choice?.waitingFor != null) return { waitingFor: { ...choice.waitingFor, whose } };
  const log = { modelId, through, version: config.model_version };
  const rows = choice === null ? null : enough(await rowsOf(db, log, choice.chosen), choice);
  const previous = await previousOf(db, question);
  // The same time of other weeks lasts by itself: limits for each time of the week were made of a few windows each.
  const change = rule?.kind === 'trailing' ? (choice?.change ?? null) : null;
  return previous !== null && 'waitingFor' in previous ? previous : { rows, previous, change };
}

/** Members that say nothing are absent, as they are in reports from before there were any. */
function enough(rows: ReferenceRows, { needed, adopted }: Choice): ReferenceRows {
  const found = rows.windows.length;
  if (found < needed) return { windows: [], batches: [], lacking: { found, needed } };
  return { ...rows, ...(adopted > 0 && { adopted }) };
}

type OtherModel = Extract<NonNullable<MonitorConfig['reference']>, { kind: 'model' }>;

async function choose(
  { window, config, lookup }: ReferenceQuestion,
  rule: Exclude<NonNullable<MonitorConfig['reference']>, OtherModel>,
): Promise<Choice> {
  if (rule.kind === 'trailing') {
    const start = window.start.getTime();
    const earlier = await lookup.endedBy(start);
    const choice = chooseTrailing(rule, earlier);
    const oldest = earlier.at(-1)?.start ?? start;
    // Where the change began is seen, or there is nothing before what is seen.
    if (earlier.length < LOOKED_AT || (choice.change !== null && choice.change.since > oldest))
      return renewedBy(rule, choice, earlier);
    return { ...choice, change: rule.exclude_fired ? await lookup.changeBefore(start) : null };
  }
  const windowing = windowingOf(config);
  // `referenceMember` refuses it.
  if (windowing.kind === 'rows') throw new Error('windows of rows have no same time');
  return chooseSameTime(rule, await lookup.at(sameTimeStarts(rule, window.start.getTime(), windowing)));
}

async function previousOf(
  db: Db,
  { window, config, modelId, through, whose, lookup }: ReferenceQuestion,
): Promise<References['previous'] | { waitingFor: ReferenceWait }> {
  if (config.compare_previous !== true) return null;
  const before = (await lookup.endedBy(window.start.getTime())).find(({ rows }) => rows > 0);
  if (before === undefined) return null;
  if (before.state === 'open' || before.state === 'ready') return { waitingFor: { ...before, whose } };
  const log = { modelId, through, version: config.model_version };
  return { ...(await rowsOf(db, log, [before])), verdict: before.verdict };
}

async function otherModel(db: Db, question: ReferenceQuestion, rule: OtherModel): Promise<Resolved> {
  const { projectId, window } = question;
  const other = await findMonitorByName(db, projectId, rule);
  const start = window.start.getTime();
  const end = window.end.getTime();
  const whose = `${rule.model}/${rule.monitor}`;
  const theirs = other === null ? null : await findWindow(db, other.id, window.start);
  const passed = other?.watermark != null && other.watermark >= window.end;
  const closed = theirs === null ? passed : theirs.state === 'judged' || theirs.state === 'failed';
  if (!closed) return { waitingFor: { start, end, whose } };
  const previous = await previousOf(db, question);
  if (previous !== null && 'waitingFor' in previous) return previous;
  if (other === null || theirs === null) return { rows: { windows: [], batches: [] }, previous };
  const { model_version: version } = configOf(await presentRevision(db, other.id));
  const log = { modelId: other.modelId, through: other.windowedThrough, version };
  const rows = await rowsOf(db, log, [earlier(theirs)]);
  return { rows, previous };
}

const earlier = ({ start, end, rows, state, verdict }: WindowRow): EarlierWindow => ({
  start: start.getTime(),
  end: end.getTime(),
  rows,
  state,
  verdict,
});

/** Every batch that references read. */
export const batchIdsOf = ({ rows, previous }: References): number[] =>
  [...(rows?.batches ?? []), ...(previous?.batches ?? [])].map(({ batchId }) => batchId);

/** The batches that hold the rows of these windows, each once, in the order in which they settled. */
async function rowsOf(
  db: Db,
  log: { readonly modelId: number; readonly through: number; readonly version: string | undefined },
  windows: ReferenceRows['windows'],
): Promise<ReferenceRows> {
  const inOrder: ReferenceRows['windows'][number][] = [];
  const byId = new Map<number, WindowBatch & { sequence: number }>();
  for (const window of [...windows].sort((a, b) => a.start - b.start)) {
    const { start, end } = window;
    const span = { from: new Date(start), to: new Date(end), throughSequence: log.through, version: log.version };
    const settled = await listSettledPredictions(db, log.modelId, span);
    // What was let go is no longer there to be compared with. Asked last, or the list would lack what goes in between.
    if ((await droppedWithin(db, log.modelId, span)) !== null) continue;
    inOrder.push(window);
    for (const { batchId, oid, repeats, sequence } of settled) {
      byId.set(batchId, { batchId, oid, repeats, sequence: sequence ?? 0 });
    }
  }
  const batches = [...byId.values()].sort((a, b) => a.sequence - b.sequence);
  return {
    windows: inOrder.map(({ start, end, rows }) => ({ start, end, rows })),
    batches: batches.map(({ batchId, oid, repeats }) => ({ batchId, oid, repeats })),
  };
}
