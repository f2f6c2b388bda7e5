/** The shape of a prediction or label record: which key becomes which column. */
import { CELL } from '../json/cells.ts';
import type { RecordProblem, SlotOf } from '../json/record.ts';
import { shown, tooLarge } from '../unreadable.ts';
import type { RecordShape } from './record-types.ts';

/** Slots that every record has, whatever its features. */
export const SLOT = { id: 0, timestamp: 1, modelVersion: 2, prediction: 3, label: 4 } as const;

const FIXED = ['prediction_id', 'timestamp', 'model_version', 'prediction', 'label'] as const;
const MAX_COLUMNS = 4096;
const MAX_NAME = 256;

const ALLOWED: Readonly<Record<RecordShape, ReadonlySet<string>>> = {
  prediction: new Set([...FIXED, 'features', 'scores', 'segment', 'tags']),
  label: new Set(['prediction_id', 'timestamp', 'label']),
};

/** The columns met so far, by slot, and the rule that finds them. */
export class PredictionFields {
  /** Column names by slot. */
  readonly names: string[] = [...FIXED];
  private readonly slots = new Map<string, number>(FIXED.map((name, slot) => [name, slot]));
  readonly shape: RecordShape;

  constructor(shape: RecordShape) {
    this.shape = shape;
  }

  readonly slotOf: SlotOf = (path, kind) => {
    const top = path[0]!;
    const field = shown(path.join('.'), 100);
    if (!ALLOWED[this.shape].has(top)) return this.unknown(field);
    if (kind === CELL.list || (kind === CELL.numbers && top !== 'features')) return invalid(field, LISTS);
    const name = columnName(path);
    if (name === null) return invalid(field, shapeHint(top));
    if (name.length > MAX_NAME) return invalid(field, `has a name longer than ${MAX_NAME} characters`);
    const known = this.slots.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= MAX_COLUMNS)
      throw tooLarge(`The records name more than ${MAX_COLUMNS} different columns.`);
    const slot = this.names.push(name) - 1;
    this.slots.set(name, slot);
    return slot;
  };

  private unknown(field: string): RecordProblem {
    const known = [...ALLOWED[this.shape]].join(', ');
    // Rows of a table have them side by side, and so does JSON that a DataFrame writes.
    const way = this.shape === 'prediction' ? '; what a model was given goes under "features"' : '';
    return {
      code: 'unknown-field',
      field,
      detail: `${field} is not a field of a ${this.shape} record; known: ${known}${way}`,
    };
  }
}

const LISTS = 'is a list; only single values can be kept, and in features lists of numbers';

function invalid(field: string, what: string): RecordProblem {
  return { code: 'invalid-value', field, detail: `${field} ${what}` };
}

/** The column of a path, or `null` when the record shape has no such place. */
function columnName(path: readonly string[]): string | null {
  const [top, key] = path;
  if (path.length === 1) {
    if (top === 'scores') return 'score';
    if (top === 'segment') return 'tag.segment';
    return top === 'features' || top === 'tags' ? null : top!;
  }
  if (path.length > 2 || key === '') return null;
  if (top === 'features') return `feature.${key}`;
  if (top === 'scores') return `score.${key}`;
  return top === 'tags' || top === 'segment' ? `tag.${key}` : null;
}

function shapeHint(top: string): string {
  if (top === 'features' || top === 'tags') return 'must be an object of single values';
  if (top === 'scores') return 'must be a number or an object of numbers by class';
  return 'must be a single value';
}
