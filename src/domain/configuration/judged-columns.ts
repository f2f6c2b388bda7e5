import type { ColumnProfile, TableProfile } from '../../stats/profile.ts';
import type { ColumnRole } from '../../stats/verdict/judgement.ts';
import { completeRoles, featureColumns } from '../model/roles.ts';
import type { MonitorConfig } from './config.ts';

/** A column of the reference that is judged, and the logged column that answers to it. */
export type JudgedColumn = {
  readonly name: string;
  readonly role: ColumnRole;
  /** Its name in a batch of predictions: `feature.age`, `prediction`, `score`. */
  readonly logged: string;
  readonly profile: ColumnProfile;
  /** Numbers that are codes of classes. */
  readonly asCategory: boolean;
  /** The settle sequence of the batch since which predictions hold it; null: they never did. */
  readonly since: number | null;
};

/**
 * What a configuration judges of a reference: its features, the prediction and the scores where the reference
 * has them, in the order of the table. Labels, ids and times are never judged. `since`: when predictions began to hold
 * a logged column.
 */
export function judgedColumns(
  profile: TableProfile,
  config: MonitorConfig,
  since: (logged: string) => number | null = () => 0,
): JudgedColumn[] {
  const roles = completeRoles(config.roles, profile.columns);
  const features = new Set(featureColumns(roles, profile.columns).map((column) => column.name));
  const classOf = new Map(Object.entries(roles.scores ?? {}).map(([name, column]) => [column, name]));
  const { include, exclude } = config.columns;
  const wanted = (name: string): boolean => (include?.includes(name) ?? true) && !exclude.includes(name);
  const classes = config.task === 'binary' || config.task === 'multiclass';
  return profile.columns.flatMap((column): JudgedColumn[] => {
    const { name } = column;
    if (!wanted(name)) return [];
    const judged = (role: ColumnRole, logged: string, asCategory = false) => [
      { name, role, logged, profile: column, asCategory, since: since(logged) },
    ];
    if (name === roles.prediction) return judged('prediction', 'prediction', classes);
    if (name === roles.score) return judged('score', 'score');
    const ofClass = classOf.get(name);
    if (ofClass !== undefined) return judged('score', `score.${ofClass}`);
    return features.has(name) ? judged('feature', `feature.${name}`) : [];
  });
}
