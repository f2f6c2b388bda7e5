/** What a script can tell from how the command ended. */
export const EXIT = {
  done: 0,
  failed: 1,
  misused: 2,
  /** Asked whether two things are the same, it found that they are not. */
  differs: 3,
  /** There was too little to say. */
  undecided: 4,
} as const;

/** What scripts may branch on after two tables were compared, with `--exit-code`. */
export function exitOf(verdict: string): number {
  if (verdict === 'drift') return EXIT.differs;
  return verdict === 'no_drift' ? EXIT.done : EXIT.undecided;
}
