/**
 * The ways of judging that there have been; a stored report names its own, and is replayed by it. Since `judge@2` numbers
 * are tested by the combined rank tests instead of Kolmogorov and Smirnov's largest distance, texts with rare ones
 * apart instead of put together, and measures of whole rows that were chosen take part in the verdict. Since `judge@3` the
 * fewest rows of a side are rows with a value: of a column with fewer the missing share alone can drift, and what would
 * have been enough is said. Since `judge@4` a monitor that was not told its measures looks into slices too.
 */
export type JudgeMethod = 'judge@1' | 'judge@2' | 'judge@3' | 'judge@4';

/** Whether a method is from before values were counted beside rows. */
export const isEarlier = (method: JudgeMethod): boolean => method === 'judge@1' || method === 'judge@2';

/** Whether a method is from before slices were among what is looked at where nothing is chosen. */
export const isBeforeSlices = (method: JudgeMethod): boolean => method !== 'judge@4';
