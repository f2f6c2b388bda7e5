import type { Answer, Outcome } from './adapter.ts';

/** Statuses of gateways and failures after which nobody knows how far the request came. */
const AMBIGUOUS: ReadonlySet<number> = new Set([500, 502, 504]);

/**
 * Reads an answer by its status. A success that this system does not give comes from something else in between.
 * @param expected the statuses by which it says that it is done.
 * @param given.repeatable whether it may simply be asked again when its answer leaves it open.
 */
export function judge(answer: Answer, expected: readonly number[], given: { readonly repeatable: boolean }): Outcome {
  const { status } = answer;
  if (expected.includes(status)) return { outcome: 'delivered', error: null };
  const error = `The receiver answered ${status}${reasonOf(answer)}.`;
  if (status === 410) return { outcome: 'refused', error };
  const open = (status >= 200 && status < 300) || AMBIGUOUS.has(status);
  return { outcome: open && !given.repeatable ? 'unknown' : 'retryable', error };
}

const MAX_REASON = 300;

/** What the answer says of itself, where it is JSON with a message. */
function reasonOf(answer: Answer): string {
  const said = readObject(answer);
  const reason = [said.message, said.Message, said.detail, said.error, said.title].find(
    (text) => typeof text === 'string',
  );
  return reason === undefined ? '' : `: ${String(reason).slice(0, MAX_REASON).replace(/\.$/, '')}`;
}

/** The members of a JSON object; none when the answer is something else. */
export function readObject({ body }: Pick<Answer, 'body'>): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    // An object's members are unknown until they are looked at.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A text or number of an answer as text, null when it is neither. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : null;
}
