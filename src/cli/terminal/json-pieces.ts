import { jsonText } from '../../domain/canonical.ts';

/** How deep members are written apart: far enough for the columns of a profile in an answer. */
const APART = 3;

/**
 * The JSON text of a plain value in pieces, so that a result of thousands of columns is never one string: that would
 * take as much memory again as the result itself.
 */
export function* jsonPieces(value: unknown, apart = APART): Generator<string> {
  if (apart === 0 || typeof value !== 'object' || value === null) {
    yield jsonText(value);
    return;
  }
  const list = Array.isArray(value);
  let before = list ? '[' : '{';
  for (const [name, member] of list ? value.entries() : Object.entries(value)) {
    // As JSON.stringify has it: nothing in a list is null, and left out elsewhere.
    if (member === undefined && !list) continue;
    yield list ? before : `${before}${JSON.stringify(name)}:`;
    yield* jsonPieces(member ?? null, apart - 1);
    before = ',';
  }
  yield `${before === ',' ? '' : before}${list ? ']' : '}'}`;
}
