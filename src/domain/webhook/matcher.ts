import { z } from 'zod';
import { type Label, labelShape, type Matcher } from '../../../schemas/wire/matchers.ts';

/** What of an event receivers and silences may ask for; a label that it lacks is the empty text. */
export type Labels = Readonly<Partial<Record<Label, string>>>;

/** Whether all of the conditions hold; none at all holds for everything. */
export function matches(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every(({ label, is, is_not }) => {
    const value = labels[label] ?? '';
    if (is !== undefined) return is.some((pattern) => like(pattern, value));
    return !(is_not ?? []).some((pattern) => like(pattern, value));
  });
}

/**
 * Whether a text is like a pattern in which `*` stands for any text. Taking the first place for each part is
 * enough, so the time is bounded by the lengths, whatever somebody writes.
 */
function like(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** The labels that stand in the data of an event; the dataset may be that of its reference. */
export function labelsOf(data: Readonly<Record<string, unknown>>): Labels {
  const reference = z.object({ dataset: z.string() }).safeParse(data.reference);
  const given: Readonly<Record<string, unknown>> = { dataset: reference.data?.dataset, ...data };
  const found = labelShape.options.map((label) => [label, given[label]] as const);
  return Object.fromEntries(found.filter(([, value]) => typeof value === 'string'));
}
