import { InvalidArgumentError } from 'commander';
import { columnList } from '../../../schemas/wire/column-list.ts';

export const MISSING = "what else stands in a cell of CSV without a value, as '-,.,#N/A'; may be repeated";

/** Names with commas between them, added to those of the same option before. */
export function namesOf(text: string, before: readonly string[] = []): string[] {
  const names = columnList(text);
  if (names === null) throw new InvalidArgumentError('A name in quotes must end with one, before a comma or the end.');
  if (names.length > 0 && !names.includes('')) return [...before, ...names];
  throw new InvalidArgumentError('Name at least one.');
}
