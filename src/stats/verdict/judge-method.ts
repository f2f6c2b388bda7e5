/**
 * The ways of judging that there have been; a stored report names its own, and is replayed by it. Since `judge@2` numbers
 * are tested by the combined rank tests instead of Kolmogorov and Smirnov's largest distance, texts with rare ones
 * apart instead of put together, and measures of whole rows that were chosen take part in the verdict. Since `judge@3` the
 * fewest rows of a side are rows with a value: of a column with fewer the missing share alone can drift, and what would
 * have been enough is said. Since `judge@4` a monitor that was not told its measures looks into slices too. Since `judge@5`
 * texts that the reference does not have are an effect of their own.
 */
export type JudgeMethod = (typeof METHODS)[number];

/** In order of time. */
const METHODS = ['judge@1', 'judge@2', 'judge@3', 'judge@4', 'judge@5'] as const;

/** Whether a method was left for that one, or for one before it. */
export const isBefore = (method: JudgeMethod, since: JudgeMethod): boolean =>
  METHODS.indexOf(method) < METHODS.indexOf(since);

/** Whether a method is from before values were counted beside rows. */
export const isEarlier = (method: JudgeMethod): boolean => isBefore(method, 'judge@3');
