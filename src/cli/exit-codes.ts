/** What a script can tell from how the command ended. */
export const EXIT = {
  done: 0,
  failed: 1,
  misused: 2,
  /** Asked whether two things are the same, it found that they are not. */
  differs: 3,
} as const;
