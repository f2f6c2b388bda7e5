import { listSettledPredictions } from '../../store/batches.ts';
import type { Db } from '../../store/db.ts';
import { droppedWithin } from '../../store/log-retention.ts';
import { findMonitorByName, type MonitorRow } from '../../store/monitors.ts';
import { findWindow, listEarlierWindows, listWindowsAt, type WindowRow } from '../../store/windows.ts';
import type { WindowBatch } from './batch-files.ts';
import type { MonitorConfig } from './config.ts';
import { type Choice, chooseSameTime, chooseTrailing, type EarlierWindow, sameTimeStarts } from './reference-rule.ts';
import { windowingOf } from './windowing.ts';

/** Rows of windows that another window is compared with. */
export type ReferenceRows = {
  readonly windows: readonly { readonly start: number; readonly end: number; readonly rows: number }[];
  readonly batches: readonly WindowBatch[];
};

/** What a window is compared with besides or instead of its pinned version. */
export type References = {
  /** Null: the pinned version. */
  readonly rows: ReferenceRows | null;
  /** The window before, where the configuration asks for it too, with its own verdict; null where there is none. */
  readonly previous: (ReferenceRows & { readonly verdict: string | null }) | null;
};

/** What has to happen before it is known what a window is compared with. */
type ReferenceWait = { readonly start: number; readonly end: number; readonly whose: string };

export type Resolved = References | { readonly waitingFor: ReferenceWait };

export const PINNED: References = { rows: null, previous: null };

export type ReferenceQuestion = {
  readonly monitor: MonitorRow;
  readonly window: Pick<WindowRow, 'start' | 'end'>;
  readonly config: MonitorConfig;
  /** Batches of the model settled up to here count. */
  readonly through: number;
};

/** Further back than this no window is looked for. */
const LOOKED_AT = 1000;

/** The rows to compare a window with. They are fixed here: a report names them, and keeps them when they change later. */
export async function resolveReferences(db: Db, question: ReferenceQuestion): Promise<Resolved> {
  const { config, monitor } = question;
  const rule = config.reference;
  if (rule === undefined && config.compare_previous !== true) return PINNED;
  if (rule?.kind === 'model') return otherModel(db, question, rule);
  const choice = rule === undefined ? null : await choose(db, question, rule);
  if (choice?.waitingFor != null) return { waitingFor: { ...choice.waitingFor, whose: monitor.name } };
  const own = { modelId: monitor.modelId, through: question.through };
  const rows = choice === null ? null : await rowsOf(db, own, choice.chosen);
  const previous = await previousOf(db, question);
  return previous !== null && 'waitingFor' in previous ? previous : { rows, previous };
}

async function choose(
  db: Db,
  { monitor, window, config }: ReferenceQuestion,
  rule: Exclude<NonNullable<MonitorConfig['reference']>, { kind: 'model' }>,
): Promise<Choice> {
  if (rule.kind === 'trailing') {
    return chooseTrailing(rule, (await listEarlierWindows(db, monitor.id, window.start, LOOKED_AT)).map(earlier));
  }
  const windowing = windowingOf(config);
  // `referenceMember` refuses it.
  if (windowing.kind === 'rows') throw new Error('windows of rows have no same time');
  const starts = sameTimeStarts(rule, window.start.getTime(), windowing);
  return chooseSameTime(rule, (await listWindowsAt(db, monitor.id, starts)).map(earlier));
}

async function previousOf(
  db: Db,
  question: ReferenceQuestion,
): Promise<References['previous'] | { waitingFor: ReferenceWait }> {
  const { monitor, window, config, through } = question;
  if (config.compare_previous !== true) return null;
  const all = (await listEarlierWindows(db, monitor.id, window.start, LOOKED_AT)).map(earlier);
  const before = all.find(({ rows }) => rows > 0);
  if (before === undefined) return null;
  if (before.state === 'open' || before.state === 'ready') return { waitingFor: { ...before, whose: monitor.name } };
  const rows = await rowsOf(db, { modelId: monitor.modelId, through }, [before]);
  return { ...rows, verdict: before.verdict };
}

async function otherModel(
  db: Db,
  question: ReferenceQuestion,
  rule: Extract<NonNullable<MonitorConfig['reference']>, { kind: 'model' }>,
): Promise<Resolved> {
  const { monitor, window } = question;
  const other = await findMonitorByName(db, monitor.projectId, rule);
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
  const rows = await rowsOf(db, { modelId: other.modelId, through: other.windowedThrough }, [earlier(theirs)]);
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
  log: { readonly modelId: number; readonly through: number },
  windows: ReferenceRows['windows'],
): Promise<ReferenceRows> {
  const inOrder: ReferenceRows['windows'][number][] = [];
  const byId = new Map<number, WindowBatch & { sequence: number }>();
  for (const window of [...windows].sort((a, b) => a.start - b.start)) {
    const { start, end } = window;
    // What was let go is no longer there to be compared with.
    const dropped = await droppedWithin(db, log.modelId, { from: new Date(start), to: new Date(end) });
    if (dropped !== null) continue;
    inOrder.push(window);
    const span = { from: new Date(start), to: new Date(end), throughSequence: log.through };
    for (const batch of await listSettledPredictions(db, log.modelId, span)) {
      const { batchId, oid, repeats, sequence } = batch;
      byId.set(batchId, { batchId, oid, repeats, sequence: sequence ?? 0 });
    }
  }
  const batches = [...byId.values()].sort((a, b) => a.sequence - b.sequence);
  return {
    windows: inOrder.map(({ start, end, rows }) => ({ start, end, rows })),
    batches: batches.map(({ batchId, oid, repeats }) => ({ batchId, oid, repeats })),
  };
}
