/** Which column of the training data is what: pure, from what was said and from the columns' names. */

export const ROLE_NAMES = ['prediction', 'score', 'label', 'id', 'timestamp', 'query'] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** The columns that hold the score of each class, by the class's name as text. */
type ScoreColumns = Readonly<Record<string, string>>;

/** Columns by role; every other column that is not ignored is a feature. */
export type Roles = { readonly [R in RoleName]?: string | undefined } & {
  readonly scores?: ScoreColumns | undefined;
  readonly ignore: readonly string[];
};

export type GivenRoles = { readonly [R in RoleName]?: string | undefined } & {
  readonly scores?: ScoreColumns | undefined;
  readonly ignore?: readonly string[] | undefined;
};

/** As kept with a model version. `pending`: the columns were not known yet, so nothing was guessed or checked. */
export type StoredRoles = Roles & {
  readonly guessed: readonly RoleName[];
  readonly missing: readonly string[];
  readonly pending: boolean;
};

export type NamedColumn = { readonly name: string; readonly type: string };

/** Names by which a role is known among people, most telling first; compared in lower case. */
const USUAL_NAMES: Record<RoleName, readonly string[]> = {
  prediction: ['prediction', 'predicted', 'y_pred', 'predicted_label', 'predicted_value', 'predicted_class'],
  score: [
    'predicted_probability',
    'prediction_probability',
    'y_pred_proba',
    'y_score',
    'prediction_score',
    'score',
    'probability',
  ],
  label: ['label', 'target', 'y_true', 'actual', 'ground_truth'],
  id: ['prediction_id', 'id', 'uuid', 'row_id'],
  timestamp: [
    ...['timestamp', 'event_time', 'event_timestamp', 'prediction_time', 'predicted_at', 'requested_at', 'occurred_at'],
    ...['logged_at', 'datetime', 'time', 'ts', 'at', 'event_date', 'date'],
  ],
  // Never guessed: a feature that is taken for one would no longer be judged.
  query: [],
};

/** The roles as given, before the columns are known. */
export function pendingRoles(given: GivenRoles): StoredRoles {
  return {
    ...named(given),
    ...scored(given),
    ignore: [...(given.ignore ?? [])],
    guessed: [],
    missing: [],
    pending: true,
  };
}

/** Fills in the roles that nobody named, and lists the columns named that do not exist. */
export function completeRoles(given: GivenRoles, columns: readonly NamedColumn[]): StoredRoles {
  const known = new Map(columns.map((column) => [column.name, column.type]));
  const ignore = [...(given.ignore ?? [])];
  const roles = named(given);
  const taken = new Set([...Object.values(roles), ...Object.values(given.scores ?? {}), ...ignore]);
  const guessed: RoleName[] = [];
  for (const role of ROLE_NAMES) {
    if (roles[role] !== undefined) continue;
    const found = guess(role, columns, taken);
    if (found === null) continue;
    roles[role] = found;
    taken.add(found);
    guessed.push(role);
  }
  const missing = [...taken].filter((name) => !known.has(name));
  return { ...roles, ...scored(given), ignore, guessed, missing, pending: false };
}

/** The columns that are neither a role nor ignored, in their order. */
export function featureColumns<C extends NamedColumn>(roles: Roles, columns: readonly C[]): C[] {
  const others = new Set([
    ...ROLE_NAMES.map((role) => roles[role]),
    ...Object.values(roles.scores ?? {}),
    ...roles.ignore,
  ]);
  return columns.filter((column) => !others.has(column.name));
}

function named(given: GivenRoles): Partial<Record<RoleName, string>> {
  const roles: Partial<Record<RoleName, string>> = {};
  for (const role of ROLE_NAMES) {
    const name = given[role];
    if (name !== undefined) roles[role] = name;
  }
  return roles;
}

/** Absent where no class has a column of its own, as in roles from before there were any. */
function scored({ scores }: GivenRoles): { scores?: ScoreColumns } {
  return scores === undefined ? {} : { scores: { ...scores } };
}

function guess(role: RoleName, columns: readonly NamedColumn[], taken: ReadonlySet<string>): string | null {
  for (const usual of USUAL_NAMES[role]) {
    const found = columns.find((column) => column.name.toLowerCase() === usual && !taken.has(column.name));
    if (found === undefined) continue;
    // A number called "time" is more likely a duration, which is a feature.
    if (role === 'timestamp' && found.type !== 'timestamp' && found.type !== 'date') continue;
    // A probability is a number; a text column "score" is something else.
    if (role === 'score' && found.type !== 'float64' && found.type !== 'int64') continue;
    return found.name;
  }
  return null;
}
