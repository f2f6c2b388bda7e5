import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * A third of the share of a process that does not give way, where there are too few processors for both. With less a
 * machine that is always busy would never come to an end of what waits behind it.
 */
const NICENESS = 5;

/**
 * Has a process give way to others. Right after its start: threads that it has begun by then are not reached.
 * Where that is not possible it keeps its share, and the work is done all the same.
 */
export function giveWay(pid: number): void {
  for (const lower of [lowerProcess, lowerSession]) {
    try {
      lower(pid);
    } catch {
      // It has ended already, or the system does not let us.
    }
  }
}

// A service that was started with less than that keeps it.
const lowerProcess = (pid: number): void => setPriority(pid, Math.max(getPriority(pid), NICENESS));

/**
 * Linux weighs the processes of a session only against each other, and sessions by a number of their own (sched(7),
 * "The autogroup feature"). Elsewhere there is no such file.
 */
const lowerSession = (pid: number): void => writeFileSync(`/proc/${pid}/autogroup`, String(NICENESS));
