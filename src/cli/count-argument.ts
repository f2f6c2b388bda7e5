import { InvalidArgumentError } from 'commander';

/** How many of something to list. @throws InvalidArgumentError outside of 1 to 1000. */
export function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new InvalidArgumentError('It must be a number from 1 to 1000.');
}
