import { InvalidArgumentError } from 'commander';

/** How many of something to list. @throws InvalidArgumentError outside of 1 to 1000. */
export const countOf = countUpTo(1000);

/** A whole number from 1 to the largest that there may be. The function throws InvalidArgumentError for anything else. */
export function countUpTo(largest: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (Number.isInteger(count) && count >= 1 && count <= largest) return count;
    throw new InvalidArgumentError(`It must be a number from 1 to ${largest}.`);
  };
}
