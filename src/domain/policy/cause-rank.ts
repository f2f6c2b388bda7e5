import type { CauseKind } from '../../../schemas/wire/policies.ts';

const ORDER: readonly CauseKind[] = [
  'performance',
  'alert',
  'tag_moved',
  'new_version',
  'new_labels',
  'schedule',
  'request',
];

/** An alert's run belongs to the alert, so it goes before one that merely comes at the same time. Pure. */
export const byRank = (a: CauseKind, b: CauseKind): number => ORDER.indexOf(a) - ORDER.indexOf(b);
