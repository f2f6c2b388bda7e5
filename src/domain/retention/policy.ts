/** Which versions of a dataset are kept, and why. Pure: the time is an argument. */

/** What somebody wants kept; what is absent keeps nothing. What other things need is kept in any case. */
export type RetentionPolicy = {
  /** The newest so many versions. */
  readonly last?: number | undefined;
  /** Everything made within so many seconds. */
  readonly withinSeconds?: number | undefined;
  /** The newest version of each of the last so many days (UTC) on which there is one. */
  readonly daily?: number | undefined;
  /** Versions with such a tag; `*` stands for any text. Absent: every tag keeps; a fixed tag does in any case. */
  readonly tags?: readonly string[] | undefined;
  /** Versions of these commits: whole, or their first digits. */
  readonly gitRevs?: readonly string[] | undefined;
  /** Versions with these objects, and in whose name. */
  readonly oids?: readonly { readonly oid: string; readonly why: string }[] | undefined;
};

export type PolicyVersion = {
  readonly id: number;
  readonly number: number;
  readonly oid: string;
  readonly createdAt: Date;
  readonly gitRev: string | null;
  /** What elsewhere in the project needs it. */
  readonly reasons: readonly KeepReason[];
};

export type KeepReason = {
  readonly code:
    | 'newest'
    | 'tag'
    | 'fixed-tag'
    | 'model'
    | 'reference'
    | 'report'
    | 'alert'
    | 'run'
    | 'keep-last'
    | 'keep-within'
    | 'keep-daily'
    | 'retention'
    | 'git';
  readonly detail: string;
};

/**
 * Why each version is kept, by its id; one without a reason may go. The newest is always kept, so that a dataset
 * never loses its latest state.
 * @param versions newest first.
 */
export function judgeVersions(
  versions: readonly PolicyVersion[],
  policy: RetentionPolicy,
  now: Date,
): Map<number, KeepReason[]> {
  const days = daysOf(versions, policy.daily ?? 0);
  const verdicts = new Map<number, KeepReason[]>();
  versions.forEach((version, i) => {
    const kept: KeepReason[] = i === 0 ? [{ code: 'newest', detail: 'the newest version' }] : [];
    kept.push(...version.reasons.filter((reason) => reason.code !== 'tag' || tagKeeps(reason.detail, policy.tags)));
    if (i < (policy.last ?? 0)) kept.push({ code: 'keep-last', detail: `${i + 1} of ${policy.last}` });
    const seconds = (now.getTime() - version.createdAt.getTime()) / 1000;
    if (policy.withinSeconds !== undefined && seconds <= policy.withinSeconds) {
      kept.push({ code: 'keep-within', detail: `${policy.withinSeconds} s` });
    }
    const day = days.get(version.id);
    if (day !== undefined) kept.push({ code: 'keep-daily', detail: day });
    kept.push(...namedBy(version, policy));
    verdicts.set(version.id, kept);
  });
  return verdicts;
}

/** What a dataset's own rule adds to what was judged without it: what it keeps, it keeps under its own name. */
export function withRule(
  verdicts: ReadonlyMap<number, readonly KeepReason[]>,
  byRule: ReadonlyMap<number, readonly KeepReason[]>,
): Map<number, KeepReason[]> {
  return new Map(
    [...verdicts].map(([id, reasons]) => {
      const known = new Set(reasons.map(nameOf));
      const more = (byRule.get(id) ?? []).map(
        (reason): KeepReason =>
          OF_RULES.has(reason.code) ? { code: 'retention', detail: `${reason.code} ${reason.detail}` } : reason,
      );
      return [id, [...reasons, ...more.filter((reason) => !known.has(nameOf(reason)))]];
    }),
  );
}

const OF_RULES: ReadonlySet<KeepReason['code']> = new Set(['keep-last', 'keep-within', 'keep-daily']);
const nameOf = ({ code, detail }: KeepReason): string => `${code} ${detail}`;

/** The newest version of each of the last `count` days that have one. */
function daysOf(versions: readonly PolicyVersion[], count: number): Map<number, string> {
  const found = new Map<number, string>();
  const seen = new Set<string>();
  for (const { id, createdAt } of versions) {
    const day = createdAt.toISOString().slice(0, 10);
    if (seen.has(day) || seen.size >= count) continue;
    seen.add(day);
    found.set(id, day);
  }
  return found;
}

function tagKeeps(tag: string, patterns: readonly string[] | undefined): boolean {
  return patterns === undefined || patterns.some((pattern) => matches(tag, pattern));
}

/** Whether the text is the pattern, in which each `*` stands for any text. Linear: no backtracking expression. */
function matches(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}

function namedBy(version: PolicyVersion, policy: RetentionPolicy): KeepReason[] {
  const { gitRev } = version;
  const revs = gitRev === null ? [] : (policy.gitRevs ?? []).filter((rev) => gitRev.startsWith(rev.toLowerCase()));
  const oids = (policy.oids ?? []).filter(({ oid }) => oid === version.oid);
  return [
    ...revs.map((rev): KeepReason => ({ code: 'git', detail: rev })),
    ...oids.map(({ why }): KeepReason => ({ code: 'git', detail: why })),
  ];
}
