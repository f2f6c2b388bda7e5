import type { TableProfile } from '../../stats/profile.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import type { WindowColumn } from './lint-window-columns.ts';

export type WindowSummary = { readonly rows: number; readonly verdict: string | null; readonly revision: number };

/** What the newest report says of the windows that it compared with. Times are milliseconds since 1970. */
export type ComparedWindows = {
  /** Start of the window that was judged. */
  readonly start: number;
  /** Ends of those that it was compared with. */
  readonly ends: readonly number[];
  readonly lacking: { readonly found: number; readonly needed: number } | null;
  /** How many of them had drifted, in a change that lasted. */
  readonly adopted: number;
};

export type LintFacts = {
  readonly config: MonitorConfig;
  /** Of the pinned version; null while it is not known. */
  readonly profile: TableProfile | null;
  /** When predictions began to hold a logged column; null: they never did. */
  readonly since: (logged: string) => number | null;
  /** Closed windows, the newest ones. */
  readonly windows: readonly WindowSummary[];
  /** Event time seen so far less the time at which the pinned version was made; null where nothing was seen. */
  readonly referenceAgeDays: number | null;
  /** Whether the span of event time that is called healthy has no prediction; null where none is called so. */
  readonly healthyEmpty: boolean | null;
  /** Columns in the newest reports. */
  readonly columns: readonly WindowColumn[];
  /** Null where no window was compared with earlier ones. */
  readonly compared: ComparedWindows | null;
};
