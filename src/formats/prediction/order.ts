/** Which columns a batch of predictions or labels has, and in which order, whatever it was read from. */
import type { ColumnType } from '../../stats/column.ts';
import type { RecordOptions } from './record-types.ts';

export type PlannedColumn = {
  readonly name: string;
  /** -1 for an expected feature that nobody sent. */
  readonly slot: number;
  readonly expected: ColumnType | undefined;
  /** A feature that the training data does not have. */
  readonly unexpected: boolean;
};

const GROUPS = ['model_version', 'prediction', 'score', 'label', 'feature.', 'tag.'] as const;
const NOTHING: ReadonlyMap<string, ColumnType> = new Map();

/**
 * All columns but the id and the time: the named parts, scores, features and tags, expected ones first and in the
 * order of the expectation, then the others in the order of their slots.
 */
export function columnOrder(given: {
  /** Column names by slot. */
  readonly names: readonly string[];
  readonly options: RecordOptions;
  readonly isUsed: (slot: number) => boolean;
}): PlannedColumn[] {
  const { names, options, isUsed } = given;
  const slots = new Map(names.map((name, slot) => [name, slot]));
  const expected = options.expected ?? NOTHING;
  const planned: PlannedColumn[] = [];
  const add = (name: string, slot: number, type: ColumnType | undefined): void => {
    const isNew = type === undefined && options.known?.has(name) !== true;
    const unexpected = isNew && options.expected !== undefined && name.startsWith('feature.');
    if (name !== 'prediction_id' && name !== 'timestamp') planned.push({ name, slot, expected: type, unexpected });
  };
  for (const [name, type] of expected) {
    const slot = slots.get(name) ?? -1;
    // Only a feature that nobody sent deserves a column: a label or score may simply not be there.
    const due = options.shape === 'prediction' && name.startsWith('feature.');
    if (due || (slot >= 0 && isUsed(slot))) add(name, slot, type);
  }
  for (const [slot, name] of names.entries()) if (!expected.has(name) && isUsed(slot)) add(name, slot, undefined);
  return planned.sort((a, b) => groupOf(a.name) - groupOf(b.name));
}

function groupOf(name: string): number {
  return GROUPS.findIndex((group) => name === group || name.startsWith(group.endsWith('.') ? group : `${group}.`));
}
