import type { z } from 'zod';
import type { taskShape } from '../../../schemas/wire/models.ts';
import type { ModelRow } from '../../store/monitor/models.ts';

type Task = z.infer<typeof taskShape>;

export type ModelDescription = {
  readonly name: string;
  readonly task?: Task | undefined;
  readonly positiveLabel?: string | undefined;
  readonly description?: string | undefined;
  readonly strict?: boolean | undefined;
};

/** The fields in which a request differs from the model that exists; what was left unsaid agrees with anything. */
export function differences(model: ModelRow, given: ModelDescription): string[] {
  const found: string[] = [];
  if (given.task !== undefined && given.task !== model.task) found.push('task');
  if (given.positiveLabel !== undefined && given.positiveLabel !== model.positiveLabel) found.push('positive_label');
  if (given.description !== undefined && given.description !== model.description) found.push('description');
  if (given.strict !== undefined && given.strict !== model.strict) found.push('strict');
  return found;
}
